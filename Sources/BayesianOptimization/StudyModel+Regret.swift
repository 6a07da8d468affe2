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
    guard let utility, metrics.isCalibrated, let choice = choice() else { return nil }
    let rivals = rivals(of: choice.trial.configuration, utility)
    guard !rivals.isEmpty else { return Share(0, of: 1) }
    let points = points(of: [choice.trial.configuration]).appending(points(of: rivals))
    var generator = SeededGenerator(seed: study.seed, stream: 2 &+ UInt64(study.trials.count) << 8)
    guard
      let draws = metrics.draws(at: points, count: Self.drawCount, using: &generator)
    else { return nil }
    let known = utility.knownParts(points.configurations)
    let serving = feasibility.logProbabilities(at: points)
    var regrets: [Double] = []
    for draw in 0..<Self.drawCount {
      // One chance for all cells: boundaries move as a whole, not cell by cell.
      let chance = log(generator.nextUnit())
      let values = draws(utility.form, draw: draw)
      let bounded = constraints.map { (draws($0.form, draw: draw), $0.bound) }
      let own = known[0] + values[0]
      var best = own
      for i in 1..<points.count
      where known[i] + values[i] > best && serving[i] > chance
        && bounded.allSatisfy({ $0.0[i] <= $0.1 })
      {
        best = known[i] + values[i]
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
    let points = points(of: cells)
    let evaluation = metrics.evaluated(at: points)
    let marginals = utility.marginals(evaluation, points.configurations)
    let ownPoint = self.points(of: [recommended])
    let reference = utility.marginals(
      metrics.evaluated(at: ownPoint), ownPoint.configurations
    ).means[0]
    let feasible = logFeasibility(at: points, evaluation)
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
