import GaussianProcess
package import Tuning

extension StudyModel {
  /// The configurations to try next, side by side: never one that was tried or is pending; fewer
  /// than `count` only when the open cells run out.
  package func proposals(_ count: Int) -> [Configuration] {
    var open = searchedCells
    var cells: [Int] = []
    var design = remainingDesign
    var pending = observed.pending
    while cells.count < count, !open.isEmpty {
      let next: Int
      if let planned = design.first, open.contains(planned) {
        design.removeFirst()
        next = planned
      } else if !design.isEmpty {
        design.removeFirst()
        continue
      } else {
        next = believing(in: pending).bestCell(among: open)
      }
      cells.append(next)
      open.removeAll { $0 == next }
      pending = pending.appending(inputs(of: [next]).inputs)
    }
    return cells.map(study.space.configuration(at:))
  }

  /// How many trials are spread over the space before the model takes over, the baseline included:
  /// enough to see each parameter move, but not more than a third of the limit.
  package var initialTrials: Int {
    let wanted = study.space.parameters.count + 2
    return max(2, min(wanted, study.limits.trialsMax / 3, study.space.count))
  }

  private var remainingDesign: [Int] {
    let tried = study.trials.count
    guard tried < initialTrials else { return [] }
    if tried > 0, observed.transfer?.isTrusted(for: study) == true { return [] }
    let design = InitialDesign(study.space, count: initialTrials, seed: study.seed).cells
    let visited = study.visitedCells
    let first = tried == 0 ? observed.transfer?.firstCell(study) : nil
    return (first.map { [$0] } ?? [])
      + design.filter { !visited.contains($0) && !prunedCells.contains($0) && $0 != first }
      .prefix(initialTrials - tried - (first == nil ? 0 : 1))
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

  /// The open cell of the greatest worth; the first of equals.
  private func bestCell(among open: [Int]) -> Int {
    guard study.furtherObjectives.isEmpty else { return bestParetoCell(among: open) }
    let points = inputs(of: open)
    let worth = acquisition(at: points.inputs, points.configurations)
    var best = 0
    for i in worth.indices where worth[i] > worth[best] { best = i }
    return open[best]
  }

  /// Constrained expected improvement in logarithms: log EI + log P(feasible) (M. Gelbart,
  /// J. Snoek, R. Adams, "Bayesian optimization with unknown constraints", UAI 2014, equation 8).
  /// While nothing feasible is known, the improvement has nothing to be measured against: then
  /// feasibility alone decides, with the expected utility between equals.
  func acquisition(at points: Inputs, _ configurations: [Configuration]) -> [Double] {
    let feasible = logFeasibility(at: points)
    guard let utility else { return feasible }
    let marginals = utility.marginals(at: points, configurations)
    guard let best = bestUtility else {
      return feasible.indices.map { feasible[$0] + 1e-3 * marginals.means[$0] }
    }
    return feasible.indices.map { i in
      feasible[i]
        + AcquisitionFunction.logExpectedImprovement(
          mean: marginals.means[i], variance: marginals.variances[i], over: best)
    }
  }

  /// The model's utility of the best trial that is likely feasible: what the model believes of it,
  /// not its luckiest measurement.
  var bestUtility: Double? {
    guard let utility else { return nil }
    let trials = measuredTrials
    let points = inputs(of: trials.map(\.configuration))
    let means = utility.marginals(at: points, trials.map(\.configuration)).means
    let feasible = logFeasibility(at: points)
    return trials.indices
      .filter { feasible[$0] >= Self.evenOdds && means[$0] > -.infinity }
      .map { means[$0] }
      .max()
  }

  /// log ½
  private static let evenOdds = -0.6931
}
