import GaussianProcess
import Glibc
import Tuning

/// The probability that a metric stays within its bound.
struct ConstraintModel: Sendable {
  let constraint: Constraint
  let form: MetricModels.Form
  /// The bound on the metric's scale.
  let bound: Double

  /// Adds what it needs to `models`. Nil when the metric hasn't been measured, or when its bound
  /// can't be met at all.
  init?(_ constraint: Constraint, partners: [Metric], _ models: inout MetricModels) {
    models.add(constraint.metric, partners: partners)
    guard let model = models[constraint.metric],
      let bound = model.scale.internalValue(constraint.maximum)
    else { return nil }
    self.constraint = constraint
    self.form = model.form
    self.bound = bound
  }

  /// log P(metric ≤ bound) at each point.
  func logProbabilities(_ evaluation: MetricModels.Evaluation) -> [Double] {
    let marginals = evaluation(form)
    return marginals.means.indices.map {
      NormalDistribution.logProbability(
        below: (bound - marginals.means[$0]) / marginals.variances[$0].squareRoot())
    }
  }

  /// The same where the utility improves on something: `shifts` is by how much it then exceeds its
  /// mean, in multiples of its variance.
  func logProbabilities(
    _ evaluation: MetricModels.Evaluation, given utility: UtilityModel,
    _ utilities: Posterior.Marginals, shifts: [Double]
  ) -> [Double] {
    let marginals = evaluation(form)
    let covariances = evaluation.covariances(form, utility.form)
    return marginals.means.indices.map { i in
      let mean = marginals.means[i] + covariances[i] * shifts[i]
      let explained = covariances[i] * covariances[i] / max(utilities.variances[i], 1e-300)
      let variance = max(marginals.variances[i] - explained, 1e-3 * marginals.variances[i])
      return NormalDistribution.logProbability(below: (bound - mean) / variance.squareRoot())
    }
  }
}
