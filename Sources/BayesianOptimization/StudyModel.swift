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
    let closed = study.visitedCells.union(prunedCells)
    return (0..<study.space.count).filter { !closed.contains($0) }
  }

  /// The points of cells.
  func points(of cells: [Int]) -> Points {
    let levels = study.space.parameters.map { parameter in
      parameter.domain.levels.map { parameter.domain.coordinate(of: $0) ?? 0 }
    }
    var rows: [Double] = []
    rows.reserveCapacity(cells.count * levels.count)
    for cell in cells {
      for (column, number) in study.space.levelNumbers(at: cell).enumerated() {
        rows.append(levels[column][number])
      }
    }
    return Points(
      cells.map(study.space.configuration(at:)), rows: rows, observed.scales,
      dimensions: observed.dimensions)
  }

  /// The points of configurations that have a place in the space.
  func points(of configurations: [Configuration]) -> Points {
    Points(
      configurations, rows: configurations.flatMap { study.space.coordinates(of: $0) ?? [] },
      observed.scales, dimensions: observed.dimensions)
  }

  /// log P(it serves and meets every constraint) at each point.
  func logFeasibility(at points: Points, _ evaluation: MetricModels.Evaluation) -> [Double] {
    var result = feasibility.logProbabilities(at: points)
    if let chances = observed.transfer?.logChances(at: points.inputs) {
      for (i, value) in chances.enumerated() { result[i] += value }
    }
    for constraint in constraints {
      for (i, value) in constraint.logProbabilities(evaluation).enumerated() { result[i] += value }
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
