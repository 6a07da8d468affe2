import GaussianProcess
import Glibc
import Tuning

/// A model of one metric over the search space: a few power laws, of which one or all decide, and a
/// Gaussian process for what they leave open.
///
/// The power laws are what services have in common; with them a handful of trials says much about
/// cells far from any. Where a service has a law of its own, the process takes over. What is usual, and
/// what earlier services let us expect, is taken off first, so that both model what is left.
struct MetricSurrogate: Sendable {
  /// Nil on a linear scale.
  private let trend: BottleneckModel?
  /// The trend at the observations, and what they explain of it.
  private let expansion: [Double]
  private let basis: ExplicitBasis?
  private let prior: Prior
  private let posterior: Posterior
  private let inputs: Inputs
  /// Standardized.
  private let values: [Double]
  private let noiseFactors: [Double]
  private let censoring: [Censoring]
  private let standard: Standard
  /// What was expected beforehand; nil on a linear scale.
  private let mean: ExpectedMean?

  /// Nil when there is nothing to learn from, and when the values are too large to calculate with.
  /// - Parameters:
  ///   - exponentDeviations: of the exponents in a power law from the expected ones.
  ///   - expectedNoise: of equal measurements, as a relative standard deviation.
  ///   - mean: counts where the metric is modelled by its logarithm.
  init?(
    _ observations: ObservedTrials.Observations, _ scale: ValueScale,
    shape: BottleneckModel.Shape, exponentDeviations: [Double], expectedNoise: Double,
    mean: ExpectedMean? = nil
  ) {
    let points = observations.points
    var values = observations.values.compactMap(scale.internalValue)
    guard !values.isEmpty else { return nil }
    let mean = scale == .logarithmic ? mean : nil
    self.mean = mean
    if let mean { values = zip(values, mean.values(at: points)).map { $0 - $1 } }
    // The laws, and what is usual, are learned of what was seen, not of mere bounds.
    var seen = values.indices.filter { observations.censoring[$0] == .none }
    censoring =
      seen.isEmpty ? values.map { _ in .none } : observations.censoring
    if seen.isEmpty { seen = Array(values.indices) }
    // Earlier services account for half of what the levels do, and of what is left open.
    let open = 1 - 0.5 * (mean?.trust ?? 0)
    trend =
      scale == .logarithmic
      ? Self.trend(
        points.selecting(seen), seen.map { values[$0] }, shape,
        exponentDeviations.map { open * $0 }, noise: expectedNoise) : nil
    expansion = trend?.expansion(points.features) ?? []
    if let fitted = trend?.means(expansion) {
      values = zip(values, fitted).map { $0 - $1 }
      standard = Standard(residuals: seen.map { values[$0] }, noise: expectedNoise)
    } else {
      standard = Standard(seen.map { values[$0] }, scale, open: open, noise: expectedNoise)
    }
    guard standard.isFinite else { return nil }
    inputs = points.inputs
    noiseFactors = observations.noiseFactors
    self.values = values.map(standard.standardized)
    let belief = HyperparameterPrior(
      dimensions: inputs.dimensions, noiseDeviation: standard.noise
    ).tellingCategoriesApart(in: inputs)
    prior = Prior.fitted(
      to: inputs, self.values, censoring: censoring, noiseFactors: noiseFactors,
      believing: belief)
    guard
      let posterior = prior.conditioned(
        on: inputs, self.values, censoring: censoring, noiseFactors: noiseFactors)
    else { return nil }
    self.posterior = posterior
    basis = trend.map { [expansion] in posterior.basis(expansion, width: $0.width) }
  }

  private init(
    _ surrogate: MetricSurrogate, _ posterior: Posterior, _ inputs: Inputs, _ values: [Double],
    _ expansion: [Double]
  ) {
    trend = surrogate.trend
    self.expansion = expansion
    let added = values.count - surrogate.values.count
    basis = trend.map { posterior.basis(expansion, width: $0.width) }
    prior = surrogate.prior
    standard = surrogate.standard
    mean = surrogate.mean
    self.posterior = posterior
    self.inputs = inputs
    self.values = values
    noiseFactors = surrogate.noiseFactors + [Double](repeating: 1, count: added)
    censoring = surrogate.censoring + [Censoring](repeating: .none, count: added)
  }

  private static func trend(
    _ points: Points, _ values: [Double], _ shape: BottleneckModel.Shape, _ deviations: [Double],
    noise: Double
  ) -> BottleneckModel? {
    // Where a climb starts is chance, but the same for the same number of observations.
    var generator = SeededGenerator(seed: 17, stream: UInt64(values.count))
    return BottleneckModel.fitted(
      points.features, values, shape,
      believing: BottleneckModel.Beliefs(
        center: values.reduce(0, +) / Double(values.count), centerDeviation: 1.2,
        weightDeviations: deviations, remainder: noise + usualMisfit),
      starts: values.count > 24 ? 2 : 4, using: &generator)
  }

  /// By how much, relatively, power laws usually miss what a service does.
  private static let usualMisfit = 0.06

  /// Means and variances on the metric's scale.
  func marginals(at points: Points) -> Posterior.Marginals {
    var laws = trend?.expansion(points.features) ?? []
    let trends = trend?.means(laws)
    var result = posterior.marginals(at: points.inputs, explaining: &laws, basis)
    let expected = mean?.values(at: points)
    let open = trend?.variances(laws)
    for i in result.means.indices {
      result.means[i] =
        standard.center + standard.spread * result.means[i] + (trends?[i] ?? 0)
        + (expected?[i] ?? 0)
      result.variances[i] =
        standard.spread * standard.spread * result.variances[i] + (open?[i] ?? 0)
    }
    return result
  }

  /// Joint draws on the metric's scale, one column each; as wide as the model's own residuals demand.
  func draws(
    at points: Points, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    var laws = trend?.expansion(points.features) ?? []
    var centers = trend?.means(laws) ?? [Double](repeating: 0, count: points.count)
    guard
      var result = posterior.draws(
        at: points.inputs, count: count, using: &generator, explaining: &laws, basis)
    else { return nil }
    if let mean {
      for (i, value) in mean.values(at: points).enumerated() { centers[i] += value }
    }
    let open = trend.map { trend in
      // What is explained was taken off every mode; the mean of all is in the centers.
      for (i, value) in trend.means(laws).enumerated() { centers[i] -= value }
      return trend.draws(ofExpansion: laws, count: count, using: &generator)
    }
    for draw in 0..<count {
      for i in 0..<points.count {
        let place = draw * points.count + i
        result[place] =
          standard.center + standard.spread * result[place] + centers[i] + (open?[place] ?? 0)
      }
    }
    return widened(result, points: points.count)
  }

  /// Means, and covariances column-major and whole, on the metric's scale.
  func joint(at points: Points) -> (means: [Double], covariance: [Double]) {
    let n = points.count
    var laws = trend?.expansion(points.features) ?? []
    let trends = trend?.means(laws)
    var (means, covariance) = posterior.joint(at: points.inputs, explaining: &laws, basis)
    let expected = mean?.values(at: points)
    for i in 0..<n {
      means[i] =
        standard.center + standard.spread * means[i] + (trends?[i] ?? 0) + (expected?[i] ?? 0)
    }
    let square = standard.spread * standard.spread
    for place in covariance.indices { covariance[place] *= square }
    trend?.addCovariance(laws, to: &covariance)
    for column in 0..<n {
      for row in 0..<column { covariance[column * n + row] = covariance[row * n + column] }
    }
    return (means, covariance)
  }

  /// The variance of one measurement on the metric's scale.
  var noiseVariance: Double {
    standard.spread * standard.spread * prior.hyperparameters.noiseVariance
  }

  /// The surrogate as it would be had the metric been observed at more points, each with its
  /// expected value: the certainty gained there is known before the value is.
  func believing(in pending: Points) -> MetricSurrogate {
    guard pending.count > 0 else { return self }
    let all = inputs.appending(pending.inputs)
    let believed = values + posterior.marginals(at: pending.inputs).means
    let added = pending.count
    guard
      let posterior = prior.conditioned(
        on: all, believed, censoring: censoring + [Censoring](repeating: .none, count: added),
        noiseFactors: noiseFactors + [Double](repeating: 1, count: added))
    else { return self }
    let expansion = expansion + (trend?.expansion(pending.features) ?? [])
    return MetricSurrogate(self, posterior, all, believed, expansion)
  }

  /// How far each observation lies from what the others predict, in predicted standard deviations; the
  /// laws are learned anew from the others, to first order. Without what was only bounded.
  var leaveOneOutResiduals: [Double] {
    var residuals = posterior.leaveOneOutResiduals
    if let trend {
      // The posterior's values have normal ones in place of bounds.
      let before = trend.beforeData(expansion)
      let fitted = trend.means(expansion)
      let values = posterior.values.indices.map {
        posterior.values[$0] + (fitted[$0] - before.means[$0]) / standard.spread
      }
      let changes = before.changes.map { $0 / standard.spread }
      residuals = posterior.leaveOneOutResiduals(of: values, adding: changes) ?? residuals
    }
    return residuals.indices.filter { censoring[$0] == .none }.map { residuals[$0] }
  }

  /// Whether the model's uncertainty can be believed, widened or not: residuals of a calibrated model are
  /// standard normal, and twice as large ones on the root of their mean square are no accident (of five
  /// observations already in one model of a thousand).
  var isCalibrated: Bool {
    let (squares, count) = squaredResiduals
    return squares <= 4 * Double(max(count, 5))
  }

  /// By how much deviations have to be widened, so that residuals are as large as they should be; 1
  /// counts as much as two observations, and none are narrowed.
  private var wideningFactor: Double {
    let (squares, count) = squaredResiduals
    return max(1, ((squares + 2) / (Double(count) + 2)).squareRoot())
  }

  /// The sum of the squares of the residuals, and how many there are.
  private var squaredResiduals: (sum: Double, count: Int) {
    let residuals = leaveOneOutResiduals
    return (residuals.reduce(0) { $0 + $1 * $1 }, residuals.count)
  }

  /// Draws, a column each, with their distances from their means widened.
  private func widened(_ draws: [Double], points: Int) -> [Double] {
    let factor = wideningFactor
    let count = draws.count / max(points, 1)
    guard factor > 1, count > 1 else { return draws }
    var result = draws
    for i in 0..<points {
      let sum = (0..<count).reduce(0) { $0 + draws[$1 * points + i] }
      let rest = (1 - factor) * sum / Double(count)
      for draw in 0..<count { result[draw * points + i] = rest + factor * draws[draw * points + i] }
    }
    return result
  }
}

extension MetricSurrogate {
  /// How values are brought to mean 0 and variance 1.
  private struct Standard: Sendable {
    let center: Double
    let spread: Double
    /// On the standardized scale.
    let noise: Double

    /// - Parameter open: the share of the usual spread that nothing accounts for yet.
    init(_ values: [Double], _ scale: ValueScale, open: Double, noise: Double) {
      let count = Double(values.count)
      let center = values.reduce(0, +) / count
      let deviation =
        (values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / count).squareRoot()
      // Few or equal values say little of the spread: then a factor of e is expected.
      let unit = scale == .logarithmic ? 1.0 : max(abs(center), 1e-12)
      let usual = unit * open
      let weight = count / (count + 2)
      let spread = max(weight * deviation + (1 - weight) * usual, 1e-6 * usual)
      self.init(center: center, spread: spread, noise: noise * unit)
    }

    /// What power laws leave open has mean 0, and is worth four observations beforehand.
    init(residuals: [Double], noise: Double) {
      let squares = residuals.reduce(0) { $0 + $1 * $1 }
      let spread = ((squares + 4 * 0.07 * 0.07) / (Double(residuals.count) + 4)).squareRoot()
      self.init(center: 0, spread: spread, noise: noise)
    }

    /// Not with numbers of a size whose squares are none.
    var isFinite: Bool { center.isFinite && (spread * spread).isFinite }

    private init(center: Double, spread: Double, noise: Double) {
      self.center = center
      self.spread = spread
      self.noise = min(max(noise / spread, 1e-3), 1)
    }

    func standardized(_ value: Double) -> Double { (value - center) / spread }
  }
}
