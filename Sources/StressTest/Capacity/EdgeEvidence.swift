import Glibc
import Tuning

/// What windows say of where the edge is; see `EdgePosterior`.
struct EdgeEvidence {
  private let windows: [EdgePosterior.Window]
  /// Logarithms of rates that may be the capacity, evenly spaced, and of how likely each is.
  private let capacities: [(logarithm: Double, logLikelihood: Double)]

  /// - Parameter range: where the edge may be.
  init(_ windows: [EdgePosterior.Window], in range: ClosedRange<Double>) {
    self.windows = windows
    capacities = stride(
      from: log(range.lowerBound), through: log(range.upperBound) + Self.reachAbove, by: 0.02
    ).map { ($0, Self.logLikelihood(ofCapacity: $0, windows)) }
  }

  /// Of capacities, in the logarithm of the rate, beyond the greatest edge.
  private static let reachAbove = 2.0

  /// A saturated window's rate of right answers is as good as the capacity, as well as so many
  /// requests can tell, unless it only seemed saturated; one that isn't lies below the capacity, or
  /// little above.
  private static func logLikelihood(
    ofCapacity capacity: Double, _ windows: [EdgePosterior.Window]
  ) -> Double {
    func misfit(_ window: EdgePosterior.Overload) -> Double {
      let deviation = max(1.5 / Double(max(window.requests, 1)).squareRoot(), 0.05)
      let residual = (log(max(window.achieved, 1e-9)) - capacity) / deviation
      return min(residual * residual / 2, window.achieved < 0.9 * window.offered ? 6 : 3)
    }
    return windows.reduce(0) { sum, window in
      if let overload = window.overload { return sum - misfit(overload) }
      return sum - log1p(exp(min(30 * (log(window.rate) - capacity), 300)))
    }
  }
}

// MARK: - All bounds

extension EdgeEvidence {
  /// The probability that the edge lies above each of the logarithms of rates. All bounds hold where
  /// each does: it is their product.
  ///
  /// - Parameter center: about which windows weigh more; nil where all weigh the same.
  func survival(on grid: [Double], near center: Double?) -> [Double] {
    let near = windows.map { window in
      guard let center else { return (window: window, weight: 1.0) }
      let distance = (log(window.rate) - center) / Self.reach
      return (window, exp(-distance * distance / 2))
    }.filter { $0.weight > 1e-3 }
    var result = [Double](repeating: 1, count: grid.count)
    func include(_ logLikelihoods: [Double]) {
      let one = Self.survival(of: logLikelihoods)
      for index in result.indices { result[index] *= one[index] }
    }
    var isLatencyBounded = false
    for index in windows.first?.exceedances.indices ?? 0..<0 {
      let bound = windows[0].exceedances[index].bound
      isLatencyBounded = isLatencyBounded || bound.measure != .failure
      // What never happened says nothing of where it would.
      if bound.measure == .failure, windows.allSatisfy({ $0.exceedances[index].count == 0 }) {
        continue
      }
      let halves = Self.halfExponents(of: near, index)
      include(
        grid.map { edge in
          let curves =
            bound.measure == .failure
            ? ExceedanceCurve.powers(allowed: bound.share, edge: exp(edge))
            : ExceedanceCurve.queues(
              allowed: bound.share, edge: exp(edge), capacities: capacities)
          return Self.logarithmicSum(
            curves.map { $0.logWeight + Self.logLikelihood(of: $0, near, index, halves) })
        })
    }
    // A latency breaks its bound before requests pile up.
    if !isLatencyBounded {
      include(grid.map { Self.logLikelihood(ofCapacity: $0, windows) })
    }
    for index in windows.first?.excesses.indices ?? 0..<0 {
      include(grid.map { Self.logLikelihood(of: near.map { ($0.window, $0.weight) }, index, $0) })
    }
    return result
  }

  /// How quickly windows at a distance, in the logarithm of the rate, stop counting.
  private static var reach: Double { 0.5 }

  private static func survival(of logLikelihoods: [Double]) -> [Double] {
    let greatest = logLikelihoods.max() ?? 0
    var left = 0.0
    let tails = logLikelihoods.reversed().map { value in
      defer { left += exp(value - greatest) }
      return left
    }
    return tails.reversed().map { $0 / max(left, 1e-300) }
  }

  private static func logarithmicSum(_ logarithms: [Double]) -> Double {
    guard let greatest = logarithms.max() else { return -1e9 }
    return greatest + log(logarithms.reduce(0) { $0 + exp($1 - greatest) })
  }
}

// MARK: - One bound

extension EdgeEvidence {
  private typealias Weighted = (window: EdgePosterior.Window, weight: Double)

  private static func logLikelihood(
    of curve: ExceedanceCurve, _ near: [Weighted], _ index: Int,
    _ halves: [(exponent: Double, logWeight: Double)]
  ) -> Double {
    let shares = near.map { curve.logShare(at: $0.window.rate) }
    return logarithmicSum(
      halves.map { half in
        var sum = half.logWeight
        for (position, pair) in near.enumerated() {
          sum += pair.weight * counts(pair.window, index, shares[position], half.exponent)
        }
        return sum
      })
  }

  private static func counts(
    _ window: EdgePosterior.Window, _ index: Int, _ modelled: Double, _ halfExponent: Double
  ) -> Double {
    let exceedances = window.exceedances[index]
    let trials = Double(exceedances.requests)
    let inflation = window.inflations[index]
    let hits = Double(exceedances.count)
    guard let half = exceedances.ofHalf else {
      return binomial(hits, of: trials, modelled) / inflation
    }
    // So many exceed half the bound, and so many of these the other half.
    return binomial(Double(half.count), of: trials, halfExponent * modelled)
      / window.inflationsOfHalves[index]
      + binomial(hits, of: Double(half.count), (1 - halfExponent) * modelled) / inflation
  }

  private static func binomial(_ hits: Double, of trials: Double, _ logShare: Double) -> Double {
    hits * logShare + (trials - hits) * log1p(-min(exp(logShare), 1 - 1e-12))
  }

  /// Exponents of the share that exceeds half a bound that are possible, given how many of those
  /// exceeded the other half, and the logarithms of how likely they are beforehand.
  private static func halfExponents(
    of near: [Weighted], _ index: Int
  ) -> [(exponent: Double, logWeight: Double)] {
    func prior(_ logarithm: Double) -> Double {
      let deviate = (logarithm - log(0.42)) / 0.4
      return -deviate * deviate / 2
    }
    let grid = stride(from: log(0.08), through: log(0.85), by: 0.04).map { logarithm in
      let power = exp(-logarithm) - 1
      let fit = near.reduce(prior(logarithm)) { sum, pair in
        let exceedances = pair.window.exceedances[index]
        guard let half = exceedances.ofHalf, half.count > 0, half.count < exceedances.requests
        else { return sum }
        let share = log(Double(half.count) / Double(exceedances.requests))
        let hits = min(Double(exceedances.count), Double(half.count))
        return sum + pair.weight * binomial(hits, of: Double(half.count), power * share)
          / pair.window.inflations[index]
      }
      return (logarithm: logarithm, fit: fit)
    }
    guard near.contains(where: { $0.window.exceedances[index].ofHalf != nil }) else {
      return [(1, 0)]
    }
    let greatest = grid.map(\.fit).max() ?? 0
    let weights = grid.map { exp($0.fit - greatest) }
    let total = weights.reduce(0, +)
    let mean = zip(grid, weights).reduce(0) { $0 + $1.0.logarithm * $1.1 } / total
    let variance =
      zip(grid, weights).reduce(0) {
        $0 + ($1.0.logarithm - mean) * ($1.0.logarithm - mean) * $1.1
      } / total
    return [-1.22, 0, 1.22].map { deviate in
      let logarithm = min(mean + deviate * max(variance.squareRoot(), 0.01), -0.05)
      return (exp(logarithm), prior(logarithm))
    }
  }

  /// Of a bound that isn't on a quantile of latency.
  private static func logLikelihood(
    of near: [(EdgePosterior.Window, Double)], _ index: Int, _ edge: Double
  ) -> Double {
    logarithmicSum(
      stride(from: -3.0, through: 2, by: 0.5).map { deviate in
        // The logarithm of the steepness is normal.
        let slope = exp(0.916 + 0.8 * deviate)
        return near.reduce(-deviate * deviate / 2) { sum, pair in
          let excess = pair.0.excesses[index]
          let residual = (excess.value - slope * (log(pair.0.rate) - edge)) / excess.deviation
          return sum - pair.1 * min(residual * residual, 25) / 2
        }
      })
  }
}
