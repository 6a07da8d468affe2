import Glibc
import Tuning

/// Where the greatest rate that keeps every bound lies, given all windows: a probability
/// distribution over the logarithm of the rate.
///
/// Of each bound on single requests the share that exceeds it, as a function of the rate, is taken
/// to rise like a logistic function of log rate about the edge. In an M/M/1 queue the probability
/// of exceeding a bound is exp(−(c − λ)·bound), whose logarithm is a straight line in the rate λ;
/// the tails of other queues nearly are, near the edge (J. Abate, G. L. Choudhury, W. Whitt,
/// "Exponential approximations for tail probabilities in queues", Operations Research, 1995). A part
/// of what is allowed may exceed the bound at any load, since services themselves take long: that
/// low loads exceed it now and then doesn't say that the edge is near. Its counts are binomial, with as many trials as are as good as independent. Where the edge lies and
/// how steep the curve is are both unknown; of the steepness only the order of magnitude is
/// believed beforehand. Windows far from the edge weigh less, since there the curve is another.
/// That a window was ended early by what it showed needs no correction (the likelihood principle).
struct EdgePosterior {
  /// One window as it counts here.
  struct Window: Sendable {
    let rate: Double
    let exceedances: [Exceedances]
    /// For each of them: how many requests say as much as one independent one.
    let inflations: [Double]
    /// Logarithms of a time over its bound, with their standard deviations, for bounds that aren't on
    /// quantiles of latency.
    let excesses: [(value: Double, deviation: Double)]
    /// The rate of right answers of a window in which requests piled up; nil for any other.
    let saturatedAt: Double?
    let requests: Int
  }

  /// Logarithms of rates, evenly spaced.
  private let grid: [Double]
  /// The probability that the edge lies above each.
  private let survival: [Double]

  /// - Parameter range: where the edge is looked for.
  init(_ windows: [Window], in range: ClosedRange<Double>) {
    let (low, high) = (log(range.lowerBound), log(range.upperBound))
    let grid = (0...Self.cells).map { low + (high - low) * Double($0) / Double(Self.cells) }
    self.grid = grid
    var survival = Self.survival(windows, grid, center: nil)
    // Once more, with windows near the edge weighing more.
    survival = Self.survival(
      windows, grid, center: Self.quantile(0.5, grid, survival))
    self.survival = survival
  }

  private static let cells = 300

  /// The rate below which the edge lies with a probability.
  func rate(_ probability: Double) -> Rate {
    Rate(perSecond: exp(Self.quantile(probability, grid, survival)))
  }

  /// Half the width of the central 90 % interval of the logarithm.
  var halfWidth: Double {
    (Self.quantile(0.95, grid, survival) - Self.quantile(0.05, grid, survival)) / 2
  }

  private static func quantile(_ probability: Double, _ grid: [Double], _ survival: [Double])
    -> Double
  {
    guard let index = survival.firstIndex(where: { $0 <= 1 - probability }), index > 0 else {
      return survival.first ?? 1 <= 1 - probability ? grid[0] : grid[grid.count - 1]
    }
    let (above, below) = (survival[index - 1], survival[index])
    let weight = above > below ? (above - (1 - probability)) / (above - below) : 0
    return grid[index - 1] + weight * (grid[index] - grid[index - 1])
  }
}

// MARK: - Likelihoods

extension EdgePosterior {
  /// All bounds hold where each does: the survivals' product.
  private static func survival(
    _ windows: [Window], _ grid: [Double], center: Double?
  ) -> [Double] {
    let weights = windows.map { window in
      guard let center else { return 1.0 }
      let distance = (log(window.rate) - center) / Self.reach
      return exp(-distance * distance / 2)
    }
    var result = survival(of: grid.map { saturation(windows, edge: $0) })
    func include(_ logLikelihoods: [Double]) {
      let one = survival(of: logLikelihoods)
      for index in result.indices { result[index] *= one[index] }
    }
    for index in windows.first?.exceedances.indices ?? 0..<0 {
      include(
        grid.map { edge in
          let steepness = Steepness.ofShare(windows[0].exceedances[index].bound.share)
          return logarithmicSum(
            Self.floors.map { floor in
              mixture(steepness: steepness) { slope in
                var sum = log(floor.weight)
                for (window, weight) in zip(windows, weights) where weight > 1e-3 {
                  sum += weight * counts(window, index, edge, slope, floor: floor.part)
                }
                return sum
              }
            })
        })
    }
    for index in windows.first?.excesses.indices ?? 0..<0 {
      include(
        grid.map { edge in
          mixture(steepness: Steepness(middle: 2.5, spread: 0.8)) { slope in
            var sum = 0.0
            for (window, weight) in zip(windows, weights) where weight > 1e-3 {
              let excess = window.excesses[index]
              let residual = (excess.value - slope * (log(window.rate) - edge)) / excess.deviation
              sum -= weight * min(residual * residual, 25) / 2
            }
            return sum
          }
        })
    }
    return result
  }

  /// How quickly windows at a distance, in the logarithm of the rate, stop counting.
  private static var reach: Double { 0.35 }

  /// How much of what a bound allows exceeds it at any load, such as by long services, and how
  /// likely that is beforehand.
  private static let floors: [(part: Double, weight: Double)] = [
    (0, 0.5), (0.35, 0.25), (0.7, 0.25),
  ]

  private static func counts(
    _ window: Window, _ index: Int, _ edge: Double, _ slope: Double, floor: Double
  ) -> Double {
    let exceedances = window.exceedances[index]
    let allowed = exceedances.bound.share
    let fixed = floor * allowed
    // The rest reaches what is left of the allowed share at the edge.
    let atEdge = (allowed - fixed) / (1 - fixed)
    let logit = log(atEdge / (1 - atEdge)) + slope * (log(window.rate) - edge)
    let modelled = fixed + (1 - fixed) / (1 + exp(-min(max(logit, -300), 300)))
    // A window that was a single burst says that the edge is below, not how far.
    let most = Self.oddsCounted * allowed / (1 + (Self.oddsCounted - 1) * allowed)
    let trials = Double(exceedances.requests)
    let hits = min(Double(exceedances.count), most * trials)
    let isBurst = Double(exceedances.count) > hits
    let share = min(max(isBurst ? min(modelled, most) : modelled, 1e-300), 1 - 1e-12)
    return (hits * log(share) + (trials - hits) * log1p(-share)) / window.inflations[index]
  }

  /// Exceedances beyond so many times the odds that a bound allows count for no more.
  private static let oddsCounted = 8.0

  /// A saturated window's rate of right answers is as good as the capacity, as well as so many
  /// requests can tell, unless it only seemed saturated; one that isn't lies below the capacity, or
  /// little above.
  private static func saturation(_ windows: [Window], edge: Double) -> Double {
    windows.reduce(0) { sum, window in
      if let achieved = window.saturatedAt {
        let deviation = max(1.5 / Double(max(window.requests, 1)).squareRoot(), 0.05)
        let residual = (log(max(achieved, 1e-9)) - edge) / deviation
        return sum - min(residual * residual / 2, 2)
      }
      return sum - log1p(exp(min(30 * (log(window.rate) - edge), 300)))
    }
  }

  /// What is believed of a curve's steepness: its logarithm is normal.
  private struct Steepness {
    let middle: Double
    let spread: Double

    /// Of the logit of an exceeded share against the logarithm of the rate: ρ/(1 − ρ)·log(1/share)
    /// /(1 − share) in M/M/1, of which ρ/(1 − ρ) is mostly between a third and ten.
    static func ofShare(_ share: Double) -> Steepness {
      Steepness(middle: 2 * log(1 / share) / (1 - share), spread: 0.9)
    }
  }

  /// The logarithm of the likelihood's mean over the steepness.
  private static func mixture(
    steepness: Steepness, _ logLikelihood: (_ slope: Double) -> Double
  ) -> Double {
    let terms = stride(from: -3.0, through: 2, by: 0.5).map { deviate in
      logLikelihood(steepness.middle * exp(steepness.spread * deviate)) - deviate * deviate / 2
    }
    return logarithmicSum(terms)
  }

  private static func logarithmicSum(_ logarithms: [Double]) -> Double {
    let greatest = logarithms.max() ?? 0
    return greatest + log(logarithms.reduce(0) { $0 + exp($1 - greatest) })
  }

  private static func survival(of logLikelihoods: [Double]) -> [Double] {
    let greatest = logLikelihoods.max() ?? 0
    var left = 0.0
    let tails = logLikelihoods.reversed().map { value in
      defer { left += exp(value - greatest) }
      return left
    }
    return tails.reversed().map { $0 / max(left, 1e-300) }
  }
}
