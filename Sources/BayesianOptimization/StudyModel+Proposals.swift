import GaussianProcess
package import Tuning

extension StudyModel {
  /// The configurations to try next, side by side: never one that was tried or is pending; fewer
  /// than `count` only when the open cells run out.
  package func proposals(_ count: Int) -> [Configuration] {
    var open = searchedCells
    var cells: [Int] = []
    var pending = observed.pending
    let isDesigned = isDesigned
    while cells.count < count, !open.isEmpty {
      let points = points(of: open)
      let worth: Int
      if study.trials.isEmpty, cells.isEmpty, let first = firstPoint(among: open) {
        worth = first
      } else if isDesigned, study.trials.count + cells.count < initialTrials {
        worth = designedPoint(among: points, after: cells)
      } else {
        let values = believing(in: pending).worth(of: points)
        worth = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
      }
      cells.append(open[worth])
      pending = pending.appending(self.points(of: [open[worth]]))
      open.remove(at: worth)
    }
    return cells.map(study.space.configuration(at:))
  }

  /// How many trials are spread over the space before the model takes over, the baseline included.
  /// More would be wasted: from then on the model knows better what it doesn't know.
  package var initialTrials: Int {
    max(2, min(3, study.limits.trialsMax / 3, study.space.count))
  }

  /// Where earlier services expect most; nil for a cold start.
  private func firstPoint(among open: [Int]) -> Int? {
    observed.transfer?.firstCell(study).flatMap { open.firstIndex(of: $0) }
  }

  /// Whether trials have to be spread over the space: not when earlier services, by what was seen,
  /// know it already.
  private var isDesigned: Bool {
    study.trials.isEmpty || observed.transfer?.isTrusted(for: study) != true
  }

  /// The point of the initial design that comes after the trials so far and `planned` cells.
  private func designedPoint(among points: Points, after planned: [Int]) -> Int {
    let tried = observed.rows.flatMap(\.coordinates) + self.points(of: planned).rows
    let evaluation = metrics.evaluated(at: points)
    var generator = SeededGenerator(
      seed: study.seed, stream: 1 &+ UInt64(tried.count) << 8)
    return InitialDesign.next(
      points.rows, logFeasibility: logFeasibility(at: points, evaluation), tried: tried,
      observed.scales, using: &generator)
  }

  /// Every open cell of a space that can be enumerated quickly; of a larger one, a seeded part and
  /// the neighbours of the best trials.
  private var searchedCells: [Int] {
    let open = openCells
    guard open.count > Self.cellsMax else { return open }
    var generator = SeededGenerator(seed: study.seed, stream: 3 &+ UInt64(study.trials.count))
    var chosen = Set(open.shuffled(using: &generator).prefix(Self.cellsMax))
    let allowed = Set(open)
    for trial in bestTrials(10) { chosen.formUnion(neighbours(of: trial).intersection(allowed)) }
    return chosen.sorted()
  }

  private static let cellsMax = 30_000

  private func bestTrials(_ count: Int) -> ArraySlice<Trial> {
    study.trials
      .compactMap { trial in study.feasibleObjective(of: trial).map { (trial, $0) } }
      .sorted { study.objective.isBetter($0.1, than: $1.1) }
      .map(\.0)
      .prefix(count)
  }

  /// Cells that differ from the trial's in one parameter.
  private func neighbours(of trial: Trial) -> Set<Int> {
    var result: Set<Int> = []
    for (column, parameter) in study.space.parameters.enumerated() {
      for level in parameter.domain.levels {
        var assignments = trial.configuration.assignments
        assignments[column] = .init(name: parameter.name, level: level)
        if let cell = study.space.index(of: Configuration(assignments)) { result.insert(cell) }
      }
    }
    return result
  }

  /// The worth of trying each point.
  private func worth(of points: Points) -> [Double] {
    study.furtherObjectives.isEmpty ? acquisition(at: points) : paretoAcquisition(at: points)
  }

  /// Constrained expected improvement in logarithms: log EI + c · log P(feasible) (M. Gelbart,
  /// J. Snoek, R. Adams, "Bayesian optimization with unknown constraints", UAI 2014, equation 8,
  /// with c = 1). While nothing feasible is known, the improvement has nothing to be measured
  /// against: then feasibility alone decides, with the expected utility between equals.
  func acquisition(at points: Points) -> [Double] {
    let evaluation = metrics.evaluated(at: points)
    let feasible = logFeasibility(at: points, evaluation)
    guard let utility else { return feasible }
    let marginals = utility.marginals(evaluation, points.configurations)
    guard let best = bestUtility else {
      return feasible.indices.map { feasible[$0] + 1e-3 * marginals.means[$0] }
    }
    return feasible.indices.map { i in
      Self.caution * feasible[i]
        + AcquisitionFunction.logExpectedImprovement(
          mean: marginals.means[i], variance: marginals.variances[i], over: best)
    }
  }

  /// A trial that fails tells less than one that runs, of which every metric is seen.
  static let caution = 1.5

  /// The model's utility of the best trial that is surely feasible, or likely so where none is
  /// surely: what the model believes of it, not its luckiest measurement. To measure improvements
  /// against a trial that breaks a bound by a hair would make everything feasible look worthless.
  var bestUtility: Double? {
    guard let utility else { return nil }
    let trials = measuredTrials
    let points = points(of: trials.map(\.configuration))
    let evaluation = metrics.evaluated(at: points)
    let means = utility.marginals(evaluation, points.configurations).means
    let probabilities = constraintProbabilities(evaluation)
    for threshold in [0.9, 0.5] {
      let best = trials.indices
        .filter { probabilities[$0] >= threshold && means[$0] > -.infinity }
        .map { means[$0] }
        .max()
      if let best { return best }
    }
    return nil
  }
}
