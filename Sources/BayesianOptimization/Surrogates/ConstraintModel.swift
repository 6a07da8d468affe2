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
  init?(_ constraint: Constraint, _ models: inout MetricModels) {
    models.add(constraint.metric)
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
}
