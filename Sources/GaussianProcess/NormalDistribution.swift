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
  package static func draws(
    _ count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count + 1)
    while result.count < count {
      let u = Double.random(in: -1..<1, using: &generator)
      let v = Double.random(in: -1..<1, using: &generator)
      let s = u * u + v * v
      guard s > 0, s < 1 else { continue }
      let scale = (-2 * log(s) / s).squareRoot()
      result.append(u * scale)
      result.append(v * scale)
    }
    return Array(result.prefix(count))
  }
}
