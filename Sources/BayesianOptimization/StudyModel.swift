import GaussianProcess
package import Tuning

/// All that is learned from a study so far. A function of the study alone: the same study gives
/// the same model, proposals and recommendation.
package struct StudyModel: Sendable {
  package let study: Study
  /// Cells ruled out without a trial.
  package let prunedCells: Set<Int>
  let observed: ObservedTrials
  let metrics: MetricModels
  let utility: UtilityModel?
  let constraints: [ConstraintModel]
  let feasibility: FeasibilityModel
  /// All objectives; nil with one, whose model `utility` is.
  let pareto: ParetoModel?
  /// What the models say of every cell that counts.
  let landscape: Landscape

  package init(_ study: Study) {
    let observed = ObservedTrials(study)
    var metrics = MetricModels(observed)
    let utility = UtilityModel(study, &metrics)
    self.study = study
    self.observed = observed
    prunedCells = Pruning(study).cells
    constraints = study.constraints
      .filter { !$0.isHeldByStressTest }
      .compactMap { ConstraintModel($0, &metrics) }
    self.utility = utility
    pareto = study.furtherObjectives.isEmpty ? nil : ParetoModel(study, &metrics)
    self.metrics = metrics
    feasibility = FeasibilityModel(observed, seed: study.seed)
    landscape = Landscape(study, observed, metrics, constraints, feasibility, pruned: prunedCells)
  }

  private init(_ model: StudyModel, metrics: MetricModels) {
    study = model.study
    prunedCells = model.prunedCells
    observed = model.observed
    utility = model.utility
    constraints = model.constraints
    feasibility = model.feasibility
    pareto = model.pareto
    self.metrics = metrics
    landscape = model.landscape.evaluated(anew: metrics, model.constraints)
  }

  /// The model as it would be had the pending points been observed as expected.
  func believing(in pending: Points) -> StudyModel {
    pending.count == 0
      ? self : StudyModel(self, metrics: metrics.believing(in: pending))
  }

  package var sampling: Sampling {
    Sampling(
      visited: Set(study.trials.map(\.configuration)).count, pruned: prunedCells.count,
      total: study.space.count)
  }

  /// Cells that may still be proposed, in the order of their indices.
  package var openCells: [Int] {
    Landscape.openCells(study, pruned: prunedCells)
  }

  /// The points of configurations that have a place in the space.
  func points(of configurations: [Configuration]) -> Points {
    Points(
      configurations, rows: configurations.flatMap { study.space.coordinates(of: $0) ?? [] },
      observed.scales, dimensions: observed.dimensions)
  }

  /// The trials that could be recommended: measured, and with a place in the space; one for each
  /// configuration, a feasible one where there is one.
  var measuredTrials: [Trial] {
    var places: [Configuration: Int] = [:]
    var trials: [Trial] = []
    for trial in observed.rows.map(\.trial) where trial.measurement != nil {
      guard let place = places[trial.configuration] else {
        places[trial.configuration] = trials.count
        trials.append(trial)
        continue
      }
      if study.feasibleObjective(of: trials[place]) == nil { trials[place] = trial }
    }
    return trials
  }
}
