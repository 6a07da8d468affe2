import GaussianProcess
import Glibc
import Tuning

/// The probability that a metric stays within its bound, from a surrogate of the metric.
struct ConstraintModel: Sendable {
  let constraint: Constraint
  private let surrogate: MetricSurrogate
  /// The bound on the surrogate's scale.
  private let bound: Double

  /// Nil when the metric hasn't been measured, or when its bound can't be met at all.
  init?(_ constraint: Constraint, _ observed: ObservedTrials) {
    let values = observed.values(of: constraint.metric)
    guard
      let surrogate = MetricSurrogate(
        values.inputs, values.values, expectedNoise: observed.expectedNoise,
        mean: observed.transfer?.mean(of: constraint.metric)),
      let bound = surrogate.scale.internalValue(constraint.maximum)
    else { return nil }
    self.init(constraint: constraint, surrogate: surrogate, bound: bound)
  }

  private init(constraint: Constraint, surrogate: MetricSurrogate, bound: Double) {
    self.constraint = constraint
    self.surrogate = surrogate
    self.bound = bound
  }

  /// log P(metric ≤ bound) at each point.
  func logProbabilities(at points: Inputs) -> [Double] {
    let marginals = surrogate.marginals(at: points)
    return marginals.means.indices.map {
      NormalDistribution.logProbability(
        below: (bound - marginals.means[$0]) / marginals.variances[$0].squareRoot())
    }
  }

  /// For each joint draw, whether the bound holds at each point; column-major like the draws.
  func holds(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Bool]? {
    surrogate.draws(at: points, count: count, using: &generator)?.map { $0 <= bound }
  }

  func believing(in pending: Inputs) -> ConstraintModel {
    ConstraintModel(
      constraint: constraint, surrogate: surrogate.believing(in: pending), bound: bound)
  }
}
