import GaussianProcess
package import Tuning

/// All that is learned from a study so far. A function of the study alone: the same study gives
/// the same model, proposals and recommendation.
package struct StudyModel: Sendable {
  package let study: Study
  let pruning: Pruning
  let observed: ObservedTrials
  let metrics: MetricModels
  let utility: UtilityModel?
  let constraints: [ConstraintModel]
  let feasibility: FeasibilityModel
  /// All objectives; nil with one, whose model `utility` is.
  let pareto: ParetoModel?
  /// Nil where trials cost the same.
  let expense: TrialExpense?
  /// What the models say of every cell that counts.
  let landscape: Landscape

  package init(_ study: Study) {
    self = StudyModel(lookingEverywhere: study).searchedLocally()
  }

  private init(lookingEverywhere study: Study) {
    let observed = ObservedTrials(study)
    var metrics = MetricModels(observed)
    let utility = UtilityModel(study, &metrics)
    self.study = study
    self.observed = observed
    let pruning = Pruning(study)
    self.pruning = pruning
    constraints = study.constraints
      .filter { !$0.isHeldByStressTest }
      .compactMap { ConstraintModel($0, &metrics) }
    self.utility = utility
    pareto = study.furtherObjectives.isEmpty ? nil : ParetoModel(study, &metrics)
    self.metrics = metrics
    expense = TrialExpense(study, observed)
    feasibility = FeasibilityModel(observed, seed: study.seed)
    landscape = Landscape(
      study, observed, metrics, constraints, feasibility,
      open: Landscape.openCells(study, pruned: pruning.cells))
  }

  private init(_ model: StudyModel, metrics: MetricModels) {
    self.init(
      model, metrics: metrics,
      landscape: model.landscape.evaluated(anew: metrics, model.constraints))
  }

  /// The same beliefs over other cells.
  init(_ model: StudyModel, landscape: Landscape) {
    self.init(model, metrics: model.metrics, landscape: landscape)
  }

  private init(_ model: StudyModel, metrics: MetricModels, landscape: Landscape) {
    study = model.study
    pruning = model.pruning
    observed = model.observed
    utility = model.utility
    constraints = model.constraints
    feasibility = model.feasibility
    pareto = model.pareto
    expense = model.expense
    self.metrics = metrics
    self.landscape = landscape
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

  /// Cells ruled out without a trial.
  package var prunedCells: Set<Int> { pruning.cells }

  /// Cells that may still be proposed, in the order of their indices; of a space too large to look at
  /// each, those that were looked at.
  package var openCells: [Int] { Array(landscape.cells.prefix(landscape.openCount)) }

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
