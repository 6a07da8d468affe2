import GaussianProcess
import Glibc
package import Tuning

extension StudyModel {
  /// By how much, with the study's confidence, the best configuration of the whole space is better
  /// than the recommended one: a quantile of the regret over joint draws of all surrogates. Nil
  /// while nothing is feasible, and when the surrogates predict their own observations so badly
  /// that their word isn't good for a bound.
  package func regretBound() -> Share? {
    guard study.furtherObjectives.isEmpty else { return paretoFront()?.regretBound }
    guard let utility, utility.isCalibrated, let choice = choice() else { return nil }
    let rivals = rivals(of: choice.trial.configuration, utility)
    guard !rivals.isEmpty else { return Share(0, of: 1) }
    let configurations = [choice.trial.configuration] + rivals.map(study.space.configuration(at:))
    let points = inputs(of: configurations)
    var generator = SeededGenerator(seed: study.seed, stream: 2 &+ UInt64(study.trials.count) << 8)
    guard
      let draws = utility.draws(
        at: points, configurations, count: Self.drawCount, using: &generator)
    else { return nil }
    let holds = constraints.map {
      $0.holds(at: points, count: Self.drawCount, using: &generator)
    }
    let serving = feasibility.logProbabilities(at: points)
    var regrets: [Double] = []
    for draw in 0..<Self.drawCount {
      // One chance for all cells: boundaries move as a whole, not cell by cell.
      let chance = log(generator.nextUnit())
      let offset = draw * points.count
      let own = draws[offset]
      var best = own
      for i in 1..<points.count
      where draws[offset + i] > best && serving[i] > chance
        && holds.allSatisfy({ $0?[offset + i] ?? true })
      {
        best = draws[offset + i]
      }
      regrets.append(utility.shortfall(of: own, from: best))
    }
    regrets.sort()
    let rank = Int((study.limits.confidence.fraction * Double(Self.drawCount)).rounded(.up))
    return Share(min(regrets[min(rank, Self.drawCount) - 1], 1))
  }

  private static let drawCount = 400
  /// Cells that are drawn together; the others have next to no chance of being better.
  private static let rivalsMax = 500

  /// The cells most likely to beat the recommended one.
  private func rivals(of recommended: Configuration, _ utility: UtilityModel) -> [Int] {
    let own = study.space.index(of: recommended)
    let measured = Set(
      study.trials.filter { $0.measurement != nil }
        .compactMap { study.space.index(of: $0.configuration) })
    let cells = (openCells + measured.sorted()).filter { $0 != own }
    let points = inputs(of: cells)
    let marginals = utility.marginals(at: points.inputs, points.configurations)
    let reference = utility.marginals(at: inputs(of: [recommended]), [recommended]).means[0]
    let feasible = logFeasibility(at: points.inputs)
    let worth = cells.indices.map { i in
      feasible[i]
        + AcquisitionFunction.logExpectedImprovement(
          mean: marginals.means[i], variance: marginals.variances[i], over: reference)
    }
    return cells.indices
      .filter { worth[$0] > -.infinity }
      .sorted { worth[$0] > worth[$1] }
      .prefix(Self.rivalsMax)
      .map { cells[$0] }
  }
}
