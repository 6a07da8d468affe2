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
    return regretBound(besides: [], rivalsMax: Self.rivalsMax)
  }

  /// The same over a part of the space.
  /// - Parameter ignored: places in the landscape that don't count.
  func regretBound(besides ignored: Set<Int>, rivalsMax: Int) -> Share? {
    guard let utility, metrics.isCalibrated, let choice = choice() else { return nil }
    let rivals = rivals(of: choice, besides: ignored, utility).prefix(rivalsMax)
    guard !rivals.isEmpty else { return Share(0, of: 1) }
    let points = points(of: [choice.trial.configuration])
      .appending(landscape.points.selecting(Array(rivals)))
    var generator = SeededGenerator(seed: study.seed, stream: 2 &+ UInt64(study.trials.count) << 8)
    guard
      let draws = metrics.draws(at: points, count: Self.drawCount, using: &generator)
    else { return nil }
    let known = utility.knownParts(points.configurations)
    let serving = [0] + rivals.map { landscape.serving[$0] }
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
    let rank = Int((Self.boundConfidence(study) * Double(Self.drawCount)).rounded(.up))
    return Share(min(regrets[min(rank, Self.drawCount) - 1], 1))
  }

  /// A search ends when the bound is small, so a bound too small by chance ends it: half of the doubt
  /// is kept for that.
  static func boundConfidence(_ study: Study) -> Double {
    1 - (1 - study.limits.confidence.fraction) / 2
  }

  private static let drawCount = 400
  /// Cells that are drawn together; the others have next to no chance of being better.
  private static let rivalsMax = 256
  /// As many tell, mostly, that it is too early to stop.
  static let rivalsFew = 24
  /// log P(better, and feasible) of a cell that isn't drawn.
  private static let logChanceMin = -9.0

  /// The places in the landscape most likely to beat the recommended configuration.
  private func rivals(of choice: Choice, besides ignored: Set<Int>, _ utility: UtilityModel)
    -> [Int]
  {
    let own = study.space.index(of: choice.trial.configuration)
    let laws = utility.marginals(landscape.evaluation, landscape.points.configurations)
    var worth = [Double](repeating: -.infinity, count: landscape.cells.count)
    for i in worth.indices
    where landscape.cells[i] != own && !ignored.contains(i) && landscape.feasible[i] > -40 {
      let deviation = (laws.variances[i] + choice.variance).squareRoot()
      let chance =
        landscape.feasible[i]
        + NormalDistribution.logProbability(below: (laws.means[i] - choice.mean) / deviation)
      guard chance > Self.logChanceMin else { continue }
      worth[i] =
        landscape.feasible[i]
        + AcquisitionFunction.logExpectedImprovement(
          mean: laws.means[i], variance: laws.variances[i], over: choice.mean)
    }
    return worth.indices.filter { worth[$0] > -.infinity }.sorted { worth[$0] > worth[$1] }
  }
}
