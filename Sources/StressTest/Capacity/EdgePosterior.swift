import Glibc
import Tuning

/// Where the greatest rate that keeps every bound lies, given all windows: a probability
/// distribution over the logarithm of the rate.
///
/// Of each bound on latencies the share that exceeds it, as a function of the rate λ, is taken to be
/// s^(h^f), where s is the share that the bound allows, h = (c − λ)/(c − edge) the headroom below the
/// capacity c over that at the edge, and f is near 1. With f = 1 that is M/M/1, where the probability
/// of exceeding a bound is exp(−(c − λ)·bound); the tails of other queues nearly are so, near the edge
/// (J. Abate, G. L. Choudhury, W. Whitt, "Exponential approximations for tail probabilities in
/// queues", Operations Research, 1995). So a window in which requests piled up says how steep the
/// curve is. A part of what is allowed may exceed the bound at any load, since services themselves
/// take long: that low loads exceed it now and then doesn't say that the edge is near.
///
/// Of the share that exceeds half the bound it is taken to be a power, whose exponent is unknown but
/// the same at all rates: those counts are larger, and say more. (In simulated queues it is 1/2 for
/// M/M/1, 0.42 for M/D/1, 0.32 for M/D/4, and changes by a few hundredths where loads change by half.)
///
/// Counts are binomial, with as many trials as are as good as independent. Windows far from the edge
/// weigh less, since there the curve is another. That a window was ended early by what it showed needs
/// no correction (the likelihood principle).
struct EdgePosterior {
  /// One window as it counts here.
  struct Window: Sendable {
    let rate: Double
    let exceedances: [Exceedances]
    /// For each of them: how many requests say as much as one independent one.
    let inflations: [Double]
    /// The same of half of each bound.
    let inflationsOfHalves: [Double]
    /// Logarithms of a time over its bound, with their standard deviations, for bounds that aren't on
    /// quantiles of latency.
    let excesses: [(value: Double, deviation: Double)]
    /// Where requests piled up.
    let overload: Overload?
  }

  /// A window in which requests piled up: what was offered, what was answered per second, and of how
  /// many requests.
  struct Overload: Sendable {
    let offered: Double
    let achieved: Double
    let requests: Int
  }

  /// Logarithms of rates, evenly spaced.
  private let grid: [Double]
  /// The probability that the edge lies above each.
  private let survival: [Double]

  /// - Parameter range: where the edge is looked for.
  init(_ windows: [Window], in range: ClosedRange<Double>) {
    let evidence = EdgeEvidence(windows, in: range)
    let whole = Self.grid(log(range.lowerBound), log(range.upperBound), cells: 30)
    let coarse = evidence.survival(on: whole, near: nil)
    let middle = Self.quantile(0.5, whole, coarse)
    // Once more where it may be, with windows near the edge weighing more.
    let step = whole[1] - whole[0]
    let low = max(Self.quantile(1e-4, whole, coarse) - 4 * step, whole[0])
    let high = min(Self.quantile(1 - 1e-4, whole, coarse) + 4 * step, whole[30])
    grid = Self.grid(low, high, cells: 48)
    survival = evidence.survival(on: grid, near: middle)
  }

  private static func grid(_ low: Double, _ high: Double, cells: Int) -> [Double] {
    (0...cells).map { low + (high - low) * Double($0) / Double(cells) }
  }

  /// The rate below which the edge lies with a probability.
  func rate(_ probability: Double) -> Rate {
    Rate(perSecond: exp(logarithm(probability, stretch: Self.stretch)))
  }

  /// Half the width of the central 90 % of the logarithm, by which a search decides what to try next.
  var halfWidth: Double {
    (logarithm(0.95, stretch: Self.stretch) - logarithm(0.05, stretch: Self.stretch)) / 2
  }

  /// The 90 % interval that is vouched for. It reaches farther down than up: where no burst came in half
  /// a minute, a rate seems possible that isn't in the long run, and nothing in the windows says so; the
  /// opposite hardly happens.
  var interval: Interval {
    Interval(
      lower: exp(logarithm(0.05, stretch: Self.stretchDown)),
      upper: exp(logarithm(0.95, stretch: Self.stretchUp)))
  }

  /// No queue has quite one of these curves, and how much windows say is known from these windows
  /// alone: so the distribution is wider than the likelihoods are, by as much as intervals of simulated
  /// searches have to be.
  private func logarithm(_ probability: Double, stretch: Double) -> Double {
    let middle = Self.quantile(0.5, grid, survival)
    let distance = Self.quantile(probability, grid, survival) - middle
    // Of a normal distribution's quantile over that of 95 %, nearly.
    let part = min(abs(probability - 0.5) / 0.45, 1)
    let (stretched, misfit) = (stretch * distance, Self.misfit * part)
    let wider = (stretched * stretched + misfit * misfit).squareRoot()
    return middle + (probability < 0.5 ? -wider : wider)
  }

  /// How many times as wide as the likelihoods the distribution is; and the interval below and above its
  /// middle. With these it held the greatest rate of ten simulated queues in 91 to 100 % of 200 searches
  /// each (`statistics-benchmark capacity`).
  private static let stretch = 1.9
  private static let stretchDown = 4.0
  private static let stretchUp = 1.5
  /// Of the logarithm at the ends of the central 90 % interval.
  private static let misfit = 0.03

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
