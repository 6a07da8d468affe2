import GaussianProcess
package import Tuning

/// All that is learned from a study so far. A function of the study alone: the same study gives
/// the same model, proposals and recommendation.
package struct StudyModel: Sendable {
  package let study: Study
  /// Cells ruled out without a trial.
  package let prunedCells: Set<Int>
  let observed: ObservedTrials
  let utility: UtilityModel?
  let constraints: [ConstraintModel]
  let feasibility: FeasibilityModel
  /// All objectives; nil with one, whose model `utility` is.
  let pareto: ParetoModel?

  package init(_ study: Study) {
    let observed = ObservedTrials(study)
    self.study = study
    self.observed = observed
    prunedCells = Pruning(study).cells
    utility = UtilityModel(study, observed)
    constraints = study.constraints
      .filter { !$0.isHeldByStressTest }
      .compactMap { ConstraintModel($0, observed) }
    feasibility = FeasibilityModel(observed)
    pareto = study.furtherObjectives.isEmpty ? nil : ParetoModel(study, observed)
  }

  private init(
    _ study: Study, prunedCells: Set<Int>, _ observed: ObservedTrials, _ utility: UtilityModel?,
    _ constraints: [ConstraintModel], _ feasibility: FeasibilityModel, _ pareto: ParetoModel?
  ) {
    self.study = study
    self.prunedCells = prunedCells
    self.observed = observed
    self.utility = utility
    self.constraints = constraints
    self.feasibility = feasibility
    self.pareto = pareto
  }

  /// The model as it would be had the pending points been observed as expected.
  func believing(in pending: Inputs) -> StudyModel {
    StudyModel(
      study, prunedCells: prunedCells, observed, utility?.believing(in: pending),
      constraints.map { $0.believing(in: pending) }, feasibility, pareto?.believing(in: pending))
  }

  package var sampling: Sampling {
    Sampling(
      visited: Set(study.trials.map(\.configuration)).count, pruned: prunedCells.count,
      total: study.space.count)
  }

  /// Cells that may still be proposed, in the order of their indices.
  package var openCells: [Int] {
    let closed = study.visitedCells.union(prunedCells)
    return (0..<study.space.count).filter { !closed.contains($0) }
  }

  /// The points of cells.
  func inputs(of cells: [Int]) -> (inputs: Inputs, configurations: [Configuration]) {
    let configurations = cells.map(study.space.configuration(at:))
    return (inputs(of: configurations), configurations)
  }

  /// The points of configurations that have a place in the space.
  func inputs(of configurations: [Configuration]) -> Inputs {
    Inputs(
      rows: configurations.flatMap { study.space.coordinates(of: $0) ?? [] },
      dimensions: observed.dimensions)
  }

  /// log P(it serves and meets every constraint) at each point.
  func logFeasibility(at points: Inputs) -> [Double] {
    var result = feasibility.logProbabilities(at: points)
    if let chances = observed.transfer?.logChances(at: points) {
      for (i, value) in chances.enumerated() { result[i] += value }
    }
    for constraint in constraints {
      for (i, value) in constraint.logProbabilities(at: points).enumerated() { result[i] += value }
    }
    return result
  }

  /// The trials that could be recommended: measured, with a place in the space and a finite
  /// utility, one for each configuration.
  var measuredTrials: [Trial] {
    var seen: Set<Configuration> = []
    return observed.rows.map(\.trial).filter {
      $0.measurement != nil && seen.insert($0.configuration).inserted
    }
  }
}
