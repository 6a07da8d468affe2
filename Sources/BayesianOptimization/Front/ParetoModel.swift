import GaussianProcess
import Glibc
import Tuning

/// The objectives of a study that has several, each turned so that more is better.
struct ParetoModel: Sendable {
  private enum Part: Sendable {
    /// Known beforehand, such as the cost: its logarithm, with its sign.
    case known(sign: Double, @Sendable (Configuration) -> Double?)
    case modelled(UtilityModel)
  }

  let objectives: [Objective]
  private let parts: [Part]

  /// Nil before the first useful measurement.
  init?(_ study: Study, _ models: inout MetricModels) {
    objectives = study.objectives
    var parts: [Part] = []
    for objective in study.objectives {
      if let known = Self.known(objective, study) {
        parts.append(known)
      } else if let utility = UtilityModel(study.aiming(at: objective), &models) {
        parts.append(.modelled(utility))
      } else {
        return nil
      }
    }
    self.parts = parts
  }

  /// Nil where the objective has to be measured.
  private static func known(_ objective: Objective, _ study: Study) -> Part? {
    let configuration = study.space.configuration(at: 0)
    let value = { @Sendable (configuration: Configuration) -> Double? in
      objective.expression.value { study.knownValue(of: $0, at: configuration) }
    }
    guard let first = value(configuration), first > 0 else { return nil }
    return .known(sign: objective.direction == .maximize ? 1 : -1, value)
  }

  /// Means and variances of every objective at each point, one element an objective; −∞ where
  /// there is no value.
  func marginals(
    _ evaluation: MetricModels.Evaluation, _ configurations: [Configuration]
  ) -> [Posterior.Marginals] {
    parts.map { part in
      switch part {
      case .known(let sign, let value):
        Posterior.Marginals(
          means: configurations.map { Self.utility(value($0), sign) },
          variances: [Double](repeating: 0, count: configurations.count))
      case .modelled(let utility): utility.marginals(evaluation, configurations)
      }
    }
  }

  private static func utility(_ value: Double?, _ sign: Double) -> Double {
    guard let value, value > 0 else { return -.infinity }
    return sign * log(value)
  }

  /// Joint draws of every objective, one element an objective, each with one column a draw.
  func draws(
    _ draws: MetricModels.Draws, _ configurations: [Configuration], count: Int
  ) -> [[Double]] {
    var result: [[Double]] = []
    for part in parts {
      switch part {
      case .known(let sign, let value):
        let column = configurations.map { Self.utility(value($0), sign) }
        result.append((0..<count).flatMap { _ in column })
      case .modelled(let utility):
        let known = utility.knownParts(configurations)
        result.append(
          (0..<count).flatMap { zip(known, draws(utility.form, draw: $0)).map { $0 + $1 } })
      }
    }
    return result
  }

  /// The objective that a utility stands for.
  func value(ofUtility utility: Double, objective index: Int) -> Double {
    switch parts[index] {
    case .known(let sign, _): exp(sign * utility)
    case .modelled(let model): model.objective(ofUtility: utility)
    }
  }

  /// By which share `best` is better than `utility`; 0 when it isn't.
  func shortfall(of utility: Double, from best: Double, objective index: Int) -> Double {
    guard best > utility else { return 0 }
    switch parts[index] {
    case .known(let sign, _): return sign > 0 ? 1 - exp(utility - best) : exp(best - utility) - 1
    case .modelled(let model): return model.shortfall(of: utility, from: best)
    }
  }
}
