import GaussianProcess
import Glibc
import Tuning

/// Models of the metrics that objective and constraints are made of, each once.
struct MetricModels: Sendable {
  /// A weighted sum of metrics on their scales: a weight for each model.
  struct Form: Sendable {
    var weights: [Double]

    static func + (left: Form, right: Form) -> Form {
      var weights = left.weights
      while weights.count < right.weights.count { weights.append(0) }
      for (k, weight) in right.weights.enumerated() { weights[k] += weight }
      return Form(weights: weights)
    }

    static func * (factor: Double, form: Form) -> Form {
      Form(weights: form.weights.map { factor * $0 })
    }
  }

  struct Model: Sendable {
    let scale: ValueScale
    let form: Form
  }

  private var surrogates: [MetricSurrogate] = []
  private var models: [Metric: Model] = [:]
  private let observed: ObservedTrials

  init(_ observed: ObservedTrials) { self.observed = observed }

  subscript(metric: Metric) -> Model? { models[metric] }

  /// Models one more metric; its model stays nil while there is nothing to learn from.
  /// - Parameter value: of the metric at a trial, the measured one by default.
  mutating func add(
    _ metric: Metric, value: ((Configuration, Measurement) -> Double?)? = nil
  ) {
    guard models[metric] == nil else { return }
    let observations = observed.observations(of: metric, value ?? { $1[metric] })
    guard !observations.values.isEmpty else { return }
    let scale = ValueScale(for: observations.values)
    let quantity = metric.quantity
    let mean = ExpectedMean(
      UsualTrend(of: quantity, observed.scales),
      transferred: value == nil ? observed.transfer?.mean(of: metric) : nil)
    guard
      let surrogate = MetricSurrogate(
        observations, scale, shape: quantity == .rate ? .minimum : .sum,
        exponentDeviations: observed.scales.exponentDeviations(
          of: quantity, everywhere: observed.hasSeveralObjectives),
        expectedNoise: quantity == .price ? 0 : observed.expectedNoise, mean: mean)
    else { return }
    let form = Form(weights: [Double](repeating: 0, count: surrogates.count) + [1])
    surrogates.append(surrogate)
    models[metric] = Model(scale: scale, form: form)
  }

  /// The models at points.
  struct Evaluation: Sendable {
    let count: Int
    fileprivate let marginals: [Posterior.Marginals]

    /// Means and variances of a sum.
    func callAsFunction(_ form: Form) -> Posterior.Marginals {
      var result = Posterior.Marginals(
        means: [Double](repeating: 0, count: count),
        variances: [Double](repeating: 0, count: count))
      for (weight, part) in zip(form.weights, marginals) where weight != 0 {
        for i in 0..<count {
          result.means[i] += weight * part.means[i]
          result.variances[i] += weight * weight * part.variances[i]
        }
      }
      return result
    }
  }

  func evaluated(at points: Points) -> Evaluation {
    Evaluation(count: points.count, marginals: surrogates.map { $0.marginals(at: points) })
  }

  /// Joint draws of all models.
  struct Draws: Sendable {
    fileprivate let count: Int
    /// A model each, column-major, one column a draw.
    fileprivate let values: [[Double]]

    /// A sum at every point in one of the draws.
    func callAsFunction(_ form: Form, draw: Int) -> [Double] {
      var result = [Double](repeating: 0, count: count)
      for (weight, part) in zip(form.weights, values) where weight != 0 {
        for i in 0..<count { result[i] += weight * part[draw * count + i] }
      }
      return result
    }
  }

  func draws(
    at points: Points, count: Int, using generator: inout some RandomNumberGenerator
  ) -> Draws? {
    var values: [[Double]] = []
    for surrogate in surrogates {
      guard let drawn = surrogate.draws(at: points, count: count, using: &generator) else {
        return nil
      }
      values.append(drawn)
    }
    return Draws(count: points.count, values: values)
  }

  /// The joint law of each model.
  func laws(at points: Points) -> [KnowledgeGradient.Law] {
    surrogates.map { surrogate in
      let joint = surrogate.joint(at: points)
      return KnowledgeGradient.Law(
        means: joint.means, covariance: joint.covariance, noiseVariance: surrogate.noiseVariance)
    }
  }

  /// The variance of one measurement of a sum.
  func noiseVariance(_ form: Form) -> Double {
    zip(form.weights, surrogates).reduce(0) { $0 + $1.0 * $1.0 * $1.1.noiseVariance }
  }

  func believing(in pending: Points) -> MetricModels {
    var result = self
    result.surrogates = surrogates.map { $0.believing(in: pending) }
    return result
  }

  var isCalibrated: Bool { surrogates.allSatisfy(\.isCalibrated) }
}
