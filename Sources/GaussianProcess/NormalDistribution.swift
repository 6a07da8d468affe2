import Glibc

/// The standard normal law.
package enum NormalDistribution {
  /// φ(z)
  package static func density(_ z: Double) -> Double {
    exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
  }

  /// Φ(z), accurate in both tails.
  package static func probability(below z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// log Φ(z), also where Φ itself would be 0: for z < −37 by the asymptotic series of Mills'
  /// ratio (M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions*, 26.2.12).
  package static func logProbability(below z: Double) -> Double {
    if z > 0 { return log1p(-probability(below: -z)) }
    if z > -37 { return log(probability(below: z)) }
    let w = 1 / (z * z)
    let series = 1 - w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w)))
    return -0.5 * z * z - log(-z) - 0.5 * log(2 * Double.pi) + log(series)
  }

  /// Independent draws, by the polar form of Box and Muller's transformation.
  ///
  /// One number is taken of the generator, and seeds a sequence of our own: thousands of calls to a
  /// generator that the compiler doesn't know here would take most of a search's time.
  package static func draws(
    _ count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double] {
    var bits = Bits(state: generator.next())
    let pairs = (count + 1) / 2
    return [Double](unsafeUninitializedCapacity: 2 * pairs) { buffer, initialized in
      for pair in 0..<pairs {
        let (first, second) = bits.nextPair()
        buffer.initializeElement(at: 2 * pair, to: first)
        buffer.initializeElement(at: 2 * pair + 1, to: second)
      }
      if count < 2 * pairs { buffer.deinitializeElement(at: count) }
      initialized = count
    }
  }

  /// SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
  /// generators", OOPSLA 2014, figure 17.
  private struct Bits {
    var state: UInt64

    /// Uniform on −1…1.
    mutating func nextSigned() -> Double {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      return Double(Int64(bitPattern: mixed) >> 10) * 0x1p-53
    }

    mutating func nextPair() -> (Double, Double) {
      while true {
        let (u, v) = (nextSigned(), nextSigned())
        let square = u * u + v * v
        guard square > 0, square < 1 else { continue }
        let scale = (-2 * log(square) / square).squareRoot()
        return (u * scale, v * scale)
      }
    }
  }
}
