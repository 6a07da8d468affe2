import GaussianProcess
import Glibc

/// A model of one metric over the search space.
struct MetricSurrogate: Sendable {
  let scale: ValueScale
  private let prior: Prior
  private let posterior: Posterior
  private let inputs: Inputs
  /// Standardized.
  private let values: [Double]
  private let center: Double
  private let spread: Double
  /// What earlier services let us expect; the rest is modelled.
  private let mean: TransferredMean?

  /// Nil when there is nothing to learn from, and when the values are too large to calculate with.
  /// - Parameters:
  ///   - values: in the metric's own unit, one for each point.
  ///   - expectedNoise: of equal measurements, as a relative standard deviation.
  ///   - mean: from earlier services; counts where the metric is modelled by its logarithm.
  init?(
    _ inputs: Inputs, _ values: [Double], expectedNoise: Double, mean: TransferredMean? = nil
  ) {
    guard !values.isEmpty else { return nil }
    let scale = ValueScale(for: values)
    let mean = scale == .logarithmic ? mean : nil
    var onScale = values.compactMap(scale.internalValue)
    if let mean { onScale = zip(onScale, mean.values(at: inputs)).map { $0 - $1 } }
    let center = onScale.reduce(0, +) / Double(onScale.count)
    let deviation =
      (onScale.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(onScale.count))
      .squareRoot()
    // Few or equal values say little of the spread: then a factor of e is expected, or less where
    // earlier services account for most of it.
    let unit = scale == .logarithmic ? 1.0 : max(abs(center), 1e-12)
    let usual = unit * (1 - 0.7 * (mean?.trust ?? 0))
    let weight = Double(onScale.count) / (Double(onScale.count) + 2)
    let spread = max(weight * deviation + (1 - weight) * usual, 1e-6 * usual)
    // Numbers of a size whose squares are none.
    guard center.isFinite, (spread * spread).isFinite else { return nil }
    let standardized = onScale.map { ($0 - center) / spread }
    let noise = expectedNoise * unit / spread
    let prior = Prior.fitted(
      to: inputs, standardized,
      believing: HyperparameterPrior(
        dimensions: inputs.dimensions, noiseDeviation: min(max(noise, 1e-3), 1)))
    guard let posterior = prior.conditioned(on: inputs, standardized) else { return nil }
    self.init(
      scale: scale, prior: prior, posterior: posterior, inputs: inputs, values: standardized,
      center: center, spread: spread, mean: mean)
  }

  private init(
    scale: ValueScale, prior: Prior, posterior: Posterior, inputs: Inputs, values: [Double],
    center: Double, spread: Double, mean: TransferredMean?
  ) {
    self.mean = mean
    self.scale = scale
    self.prior = prior
    self.posterior = posterior
    self.inputs = inputs
    self.values = values
    self.center = center
    self.spread = spread
  }

  /// Means and variances on the surrogate's scale.
  func marginals(at points: Inputs) -> Posterior.Marginals {
    var result = posterior.marginals(at: points)
    let expected = mean?.values(at: points)
    for i in result.means.indices {
      result.means[i] = center + spread * result.means[i] + (expected?[i] ?? 0)
      result.variances[i] *= spread * spread
    }
    return result
  }

  /// Joint draws on the surrogate's scale, one column each.
  func draws(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    guard var draws = posterior.draws(at: points, count: count, using: &generator) else {
      return nil
    }
    let expected = mean?.values(at: points)
    for i in draws.indices {
      draws[i] = center + spread * draws[i] + (expected?[i % points.count] ?? 0)
    }
    return draws
  }

  /// The variance of the noise on one observation, on the surrogate's scale.
  var noiseVariance: Double { prior.hyperparameters.noiseVariance * spread * spread }

  /// The surrogate as it would be had the metric been observed at more points, each with its
  /// expected value: the certainty gained there is known before the value is.
  func believing(in pending: Inputs) -> MetricSurrogate {
    guard pending.count > 0 else { return self }
    let all = inputs.appending(pending)
    let believed = values + posterior.marginals(at: pending).means
    guard let posterior = prior.conditioned(on: all, believed) else { return self }
    return MetricSurrogate(
      scale: scale, prior: prior, posterior: posterior, inputs: all, values: believed,
      center: center, spread: spread, mean: mean)
  }

  /// Whether the model's uncertainty can be believed: leave-one-out residuals of a calibrated
  /// model are standard normal, so that more than a fifth beyond 2 is no accident.
  var isCalibrated: Bool {
    let residuals = posterior.leaveOneOutResiduals
    let far = residuals.filter { !(abs($0) <= 2) }.count
    return Double(far) <= max(1, 0.2 * Double(residuals.count))
  }
}
