import GaussianProcess
import Glibc
package import Tuning

extension StudyModel {
  /// What the study recommends now.
  package func conclusion() -> Conclusion {
    guard study.furtherObjectives.isEmpty else { return frontConclusion() }
    guard let choice = choice() else { return .nothingFeasible(nearestMiss) }
    let expected = expectations(at: choice.trial.configuration)
    return .recommended(
      Recommendation(
        configuration: choice.trial.configuration, trialOrdinal: choice.trial.ordinal,
        expected: expected.mapValues(\.value), intervals: expected.mapValues(\.interval),
        regretBound: regretBound(), reason: choice.reason))
  }

  /// Why the search is over; nil while it should go on.
  package func stopReason() -> StopReason? {
    let finished = study.trials.filter { !$0.isPending }.count
    if finished >= study.limits.trialsMax { return .trialLimit }
    if openCells.isEmpty { return .spaceExhausted }
    guard finished >= leastTrials else { return nil }
    guard study.furtherObjectives.isEmpty else { return frontStopReason() }
    let tolerance = study.limits.regretTolerance
    let undecidable = undecidable
    guard let few = regretBound(besides: undecidable, rivalsMax: Self.rivalsFew),
      few <= tolerance,
      let rest = regretBound(besides: undecidable, rivalsMax: landscape.cells.count),
      rest <= tolerance, let bound = regretBound()
    else { return nil }
    return bound <= tolerance ? .certainEnough : .tooCloseToTell
  }

  /// A handful of observations can fit the models by chance, so well that nothing else seems possible.
  private var leastTrials: Int {
    max(Self.initialTrials + 2, min(4 * study.space.parameters.count + 4, 20))
  }

  struct Choice {
    let trial: Trial
    /// Of the utility.
    let mean: Double
    let variance: Double
    /// Whether every constraint is met almost surely.
    let isSure: Bool
    let reason: String
  }

  /// The trial with the best of the model's mean less what its doubts cost, among those that meet
  /// every constraint almost surely, or, when there are none, the surest one.
  func choice() -> Choice? {
    let feasible = measuredTrials.filter { study.feasibleObjective(of: $0) != nil }
    guard let utility, !feasible.isEmpty else { return nil }
    let configurations = feasible.map(\.configuration)
    let evaluation = metrics.evaluated(at: points(of: configurations))
    let laws = utility.marginals(evaluation, configurations)
    let probabilities = constraintProbabilities(evaluation)
    func choice(_ index: Int, isSure: Bool, _ reason: String) -> Choice {
      Choice(
        trial: feasible[index], mean: laws.means[index], variance: laws.variances[index],
        isSure: isSure, reason: reason)
    }
    let sure = feasible.indices.filter { probabilities[$0] >= Self.nearlySure }
    let worth = feasible.indices.map { i in
      utility.scale == .logarithmic
        ? laws.means[i] + Self.priceOfDoubt * log(max(probabilities[i], 1e-300)) : laws.means[i]
    }
    if let best = sure.max(by: { worth[$0] < worth[$1] }) {
      return choice(
        best, isSure: true,
        "The best by the model's mean of \(feasible.count) configurations measured as feasible.")
    }
    guard
      let surest = feasible.indices.max(by: {
        (probabilities[$0], laws.means[$0]) < (probabilities[$1], laws.means[$1])
      })
    else { return nil }
    let percent = Int((100 * probabilities[surest]).rounded(.down))
    return choice(
      surest, isSure: false,
      "Measured as feasible, but the model is only \(percent) % sure that it meets every "
        + "constraint.")
  }

  /// What is less likely to meet every constraint isn't recommended where anything else can be.
  static let nearlySure = 0.95
  static let nearlySureDeviations = 1.6449
  /// A doubt of 1 % has to bring 2 % more of the objective.
  static let priceOfDoubt = 2.0

  /// P(every modelled constraint holds) at each point that is known to run.
  func constraintProbabilities(_ evaluation: MetricModels.Evaluation) -> [Double] {
    var logs = [Double](repeating: 0, count: evaluation.count)
    for constraint in constraints {
      for (i, value) in constraint.logProbabilities(evaluation).enumerated() { logs[i] += value }
    }
    return logs.map(exp)
  }

  /// What the model expects of every metric that was reported, and of the objective.
  func expectations(
    at configuration: Configuration
  ) -> [Metric: (value: Double, interval: Interval)] {
    let point = points(of: [configuration])
    var result: [Metric: (value: Double, interval: Interval)] = [:]
    var models = self.metrics
    for metric in Set(study.trials.compactMap(\.measurement).flatMap(\.values.keys)).sorted(by: {
      $0.name < $1.name
    }) {
      models.add(metric)
    }
    let evaluation = models.evaluated(at: point)
    for metric in Set(study.trials.compactMap(\.measurement).flatMap(\.values.keys)) {
      guard let model = models[metric] else { continue }
      // No interval reaches below zero where nothing was ever measured there.
      let floor =
        study.trials.compactMap { $0.measurement?[metric] }.allSatisfy { $0 >= 0 }
        ? 0 : -Double.infinity
      result[metric] = Self.expectation(evaluation(model.form)) {
        min(max(model.scale.externalValue($0), floor), metric.greatestValue)
      }
    }
    if let utility {
      let marginals = utility.marginals(evaluation, [configuration])
      result[.objective] = Self.expectation(marginals, utility.objective(ofUtility:))
    }
    if let cost = study.cost?.perHour(of: configuration) {
      result[.cost] = (cost, Interval(lower: cost, upper: cost))
    }
    return result
  }

  /// The median and the 90 % interval of a value that is normal on another scale.
  private static func expectation(
    _ marginals: Posterior.Marginals, _ external: (Double) -> Double
  ) -> (value: Double, interval: Interval) {
    let half = 1.6449 * marginals.variances[0].squareRoot()
    let ends = [external(marginals.means[0] - half), external(marginals.means[0] + half)].sorted()
    return (external(marginals.means[0]), Interval(lower: ends[0], upper: ends[1]))
  }
}
