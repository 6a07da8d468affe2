import GaussianProcess
import Glibc
import Tuning

/// The first configurations, while there is little to learn from: one that is likely to be fast enough
/// first, then each where it is likely to run and far from those before it (a greedy maximin design: M. E.
/// Johnson, L. M. Moore, D. Ylvisaker, *Journal of Statistical Planning and Inference* 26, 1990,
/// weighted by the probability of an answer).
struct InitialDesign: Sendable {
  /// Which of the candidates is best tried next.
  /// - Parameters:
  ///   - candidates: coordinates, row-major.
  ///   - logFeasibility: of each candidate, as far as anything is known.
  ///   - tried: coordinates of earlier trials, row-major.
  static func next(
    _ candidates: [Double], logFeasibility: [Double], tried: [Double], _ scales: ParameterScales,
    using generator: inout SeededGenerator
  ) -> Int {
    let d = scales.count
    var best = (index: 0, worth: -Double.infinity)
    for i in logFeasibility.indices {
      let point = candidates[(i * d)..<((i + 1) * d)]
      let spread: Double
      if tried.isEmpty {
        spread = -safetyWeight * squaredDistanceFromSafety(point, scales)
      } else {
        var nearest = Double.infinity
        for j in 0..<(tried.count / d) {
          nearest = min(nearest, squaredDistance(point, tried[(j * d)..<((j + 1) * d)], scales))
        }
        spread = 0.5 * log(nearest + 1e-6)
      }
      // Equals are told apart by chance.
      let worth = logFeasibility[i] + spread + 0.1 * generator.nextUnit()
      if worth > best.worth { best = (i, worth) }
    }
    return best.index
  }

  private static let safetyWeight = 2.0

  private static func squaredDistanceFromSafety(
    _ point: ArraySlice<Double>, _ scales: ParameterScales
  ) -> Double {
    point.enumerated().reduce(0) { sum, entry in
      let distance = scales.distanceFromSafety(entry.offset, entry.element)
      return sum + distance * distance
    }
  }

  /// Another choice is about as far as half of a range.
  private static func squaredDistance(
    _ a: ArraySlice<Double>, _ b: ArraySlice<Double>, _ scales: ParameterScales
  ) -> Double {
    var sum = 0.0
    for (k, (x, y)) in zip(a, b).enumerated() {
      sum += scales.isOrdinal[k] ? (x - y) * (x - y) : (x == y ? 0 : 0.3)
    }
    return sum
  }
}
