import GaussianProcess
import Glibc
package import Tuning

extension StudyModel {
  /// The configurations to try next, side by side: never one that was tried or is pending; fewer
  /// than `count` only when the open cells run out.
  package func proposals(_ count: Int) -> [Configuration] {
    var open = searchedCells
    var cells: [Int] = []
    var pending = observed.pending
    while cells.count < count, !open.isEmpty {
      let points = points(of: open)
      let worth: Int
      if study.trials.count + cells.count < initialTrials {
        worth = designedPoint(among: points, after: cells)
      } else {
        let values = believing(in: pending).acquisition(at: points)
        worth = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
      }
      cells.append(open[worth])
      pending = pending.appending(self.points(of: [open[worth]]))
      open.remove(at: worth)
    }
    return cells.map(study.space.configuration(at:))
  }

  /// How many trials are spread over the space before the model takes over, the baseline included:
  /// enough to see each parameter move, but not more than a third of the limit.
  package var initialTrials: Int {
    let wanted = Int(Lab.v("init", 4))
    return max(2, min(wanted, study.limits.trialsMax / 3, study.space.count))
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

  /// Constrained expected improvement in logarithms: log EI + log P(feasible | improvement)
  /// (M. Gelbart, J. Snoek, R. Adams, "Bayesian optimization with unknown constraints", UAI 2014,
  /// equation 8, with the constraints' laws taken where the improvement comes from, since both
  /// hang on the same surrogates). While nothing feasible is known, the improvement has nothing to
  /// be measured against: then feasibility alone decides, with the expected utility between equals.
  func acquisition(at points: Points) -> [Double] {
    let evaluation = metrics.evaluated(at: points)
    var feasible = feasibility.logProbabilities(at: points)
    guard let utility else { return feasible }
    let marginals = utility.marginals(evaluation, points.configurations)
    guard let best = bestUtility else {
      for constraint in constraints {
        for (i, p) in constraint.logProbabilities(evaluation).enumerated() { feasible[i] += p }
      }
      return feasible.indices.map { feasible[$0] + 1e-3 * marginals.means[$0] }
    }
    for constraint in constraints {
      let logs = constraint.logProbabilitiesOfProof(
        evaluation, noiseVariance: metrics.noiseVariance(constraint.form), margin: Lab.v("z", 1))
      for (i, p) in logs.enumerated() { feasible[i] += p }
    }
    let noise = Lab.v("nu", 1) * metrics.noiseVariance(utility.form)
    return feasible.indices.map { i in
      let variance = marginals.variances[i]
      return Lab.v("alpha", 1) * feasible[i]
        + AcquisitionFunction.logExpectedImprovement(
          mean: marginals.means[i], variance: variance * variance / (variance + noise), over: best)
    }
  }

  /// The model's utility of the best trial that is likely feasible: what the model believes of it,
  /// not its luckiest measurement.
  var bestUtility: Double? {
    guard let utility else { return nil }
    let trials = measuredTrials
    let points = points(of: trials.map(\.configuration))
    let evaluation = metrics.evaluated(at: points)
    let means = utility.marginals(evaluation, points.configurations).means
    var feasible = [Double](repeating: 0, count: points.count)
    for constraint in constraints {
      for (i, p) in constraint.logProbabilities(evaluation).enumerated() { feasible[i] += p }
    }
    for threshold in [log(Lab.v("pt", 0.9)), log(Lab.v("pt2", 0.5))] {
      let best = trials.indices
        .filter { feasible[$0] >= threshold && means[$0] > -.infinity }
        .map { means[$0] }
        .max()
      if let best { return best }
    }
    return nil
  }

  /// log ½
  private static let evenOdds = -0.6931
}
