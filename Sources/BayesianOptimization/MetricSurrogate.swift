import GaussianProcess
import Glibc

/// A Gaussian process over the search space, learned from values on their scale.
struct MetricSurrogate: Sendable {
  private let prior: Prior
  private let posterior: Posterior
  private let inputs: Inputs
  /// Standardized.
  private let values: [Double]
  private let standard: Standard
  /// How values are brought to mean 0 and variance 1.
  private struct Standard {
    let center: Double
    let spread: Double
    let noise: Double
    let values: [Double]

    init(_ values: [Double], _ scale: ValueScale, expectedNoise: Double) {
      let count = Double(values.count)
      let center = values.reduce(0, +) / count
      let deviation =
        (values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / count).squareRoot()
      // Few or equal values say little of the spread: then a factor of e is expected.
      let usual = scale == .logarithmic ? Lab.usual : max(abs(center), 1e-12)
      let weight = count / (count + Lab.wn)
      let spread = max(weight * deviation + (1 - weight) * usual, 1e-6 * usual)
      self.center = center
      self.spread = spread
      noise = min(max(expectedNoise * usual / spread, 1e-3), 1)
      self.values = values.map { ($0 - center) / spread }
    }

    /// What a trend leaves open has mean 0.
    init(residuals: [Double], expectedNoise: Double) {
      center = 0
      let usual = Lab.v("ru", 0.07)
      let count = Double(residuals.count)
      spread = ((residuals.reduce(0) { $0 + $1 * $1 } + Lab.v("rw", 4) * usual * usual) / (count + Lab.v("rw", 4))).squareRoot()
      noise = min(max(expectedNoise / spread, 1e-3), 1)
      let s = spread
      self.values = residuals.map { $0 / s }
    }
  }

  /// Nil when there is nothing to learn from.
  /// - Parameters:
  ///   - values: on the scale, one for each point.
  ///   - expectedNoise: of equal measurements, as a relative standard deviation.
  init?(
    _ inputs: Inputs, _ values: [Double], _ scale: ValueScale, expectedNoise: Double,
    areResiduals: Bool = false
  ) {
    guard !values.isEmpty else { return nil }
    let standard =
      areResiduals
      ? Standard(residuals: values, expectedNoise: expectedNoise)
      : Standard(values, scale, expectedNoise: expectedNoise)
    let prior = Prior.fitted(
      to: inputs, standard.values,
      believing: HyperparameterPrior(
        dimensions: inputs.dimensions, noiseDeviation: standard.noise))
    guard let posterior = prior.conditioned(on: inputs, standard.values) else { return nil }
    self.init(
      prior: prior, posterior: posterior, inputs: inputs, values: standard.values,
      standard: standard)
  }

  private init(
    prior: Prior, posterior: Posterior, inputs: Inputs, values: [Double], standard: Standard
  ) {
    self.prior = prior
    self.posterior = posterior
    self.inputs = inputs
    self.values = values
    self.standard = standard
  }

  /// log p(values) under hyperparameters that are typical before data: cheap, and enough to tell
  /// which of several ways of writing the same observations is the simplest.
  static func typicalLogLikelihood(
    _ inputs: Inputs, _ values: [Double], _ scale: ValueScale, expectedNoise: Double
  ) -> Double {
    let standard = Standard(values, scale, expectedNoise: expectedNoise)
    let prior = HyperparameterPrior(
      dimensions: inputs.dimensions, noiseDeviation: standard.noise)
    let likelihood = MarginalLikelihood.evaluate(prior.mode, inputs, standard.values)?.value
    return (likelihood ?? -.infinity) - Double(values.count) * log(standard.spread)
  }

  var logEvidence: Double {
    (MarginalLikelihood.evaluate(prior.hyperparameters, inputs, values)?.value ?? -.infinity)
      - Double(values.count) * log(standard.spread)
  }

  /// Means and variances on the surrogate's scale.
  func marginals(at points: Inputs) -> Posterior.Marginals {
    var result = posterior.marginals(at: points)
    for i in result.means.indices {
      result.means[i] = standard.center + standard.spread * result.means[i]
      result.variances[i] *= standard.spread * standard.spread
    }
    return result
  }

  /// The variance of the noise on one observation, on the surrogate's scale.
  var noiseVariance: Double {
    prior.hyperparameters.noiseVariance * standard.spread * standard.spread
  }

  /// Joint draws on the surrogate's scale, one column each.
  func draws(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    posterior.draws(at: points, count: count, using: &generator)?.map {
      standard.center + standard.spread * $0
    }
  }

  /// The surrogate as it would be had the metric been observed at more points, each with its
  /// expected value: the certainty gained there is known before the value is.
  func believing(in pending: Inputs) -> MetricSurrogate {
    guard pending.count > 0 else { return self }
    let all = inputs.appending(pending)
    let believed = values + posterior.marginals(at: pending).means
    guard let posterior = prior.conditioned(on: all, believed) else { return self }
    return MetricSurrogate(
      prior: prior, posterior: posterior, inputs: all, values: believed, standard: standard)
  }

  /// Whether the model's uncertainty can be believed: leave-one-out residuals of a calibrated
  /// model are standard normal, so that more than a fifth beyond 2 is no accident.
  var isCalibrated: Bool {
    let residuals = posterior.leaveOneOutResiduals
    let far = residuals.filter { !(abs($0) <= 2) }.count
    return Double(far) <= max(1, 0.2 * Double(residuals.count))
  }
}
