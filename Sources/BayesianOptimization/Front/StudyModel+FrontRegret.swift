import GaussianProcess
import Glibc
import Tuning

/// How much better than the front others may be, and whether to go on for that.
extension StudyModel {
  /// Why a search for a front is over before its limit; nil while it should go on.
  func frontStopReason() -> StopReason? {
    guard let pareto, let front = paretoFront() else { return nil }
    let tolerance = study.limits.regretTolerance
    if let bound = front.regretBound, bound <= tolerance { return .certainEnough }
    // What was measured and lies too near a limit stays in doubt, however long the search goes on.
    let undecidable = Set(
      landscape.measured.filter { landscape.feasible[$0] < log(Self.frontSure) })
    let members = front.members.map(\.configuration)
    guard let rest = frontRegretBound(pareto, members, besides: undecidable), rest <= tolerance
    else { return nil }
    return .tooCloseToTell
  }

  /// With the study's confidence, every feasible configuration has a feasible member of the front that
  /// it beats in no objective by more than this: the ε-indicator (E. Zitzler, L. Thiele, M. Laumanns,
  /// C. M. Fonseca, V. Grunert da Fonseca, *IEEE Transactions on Evolutionary Computation* 7, 2003)
  /// over joint draws of all surrogates. With one objective it is the regret.
  /// - Parameter ignored: places in the landscape that don't count.
  func frontRegretBound(
    _ pareto: ParetoModel, _ members: [Configuration], besides ignored: Set<Int>
  ) -> Share? {
    guard metrics.isCalibrated else { return nil }
    let rivals = frontRivals(pareto, besides: members, ignored)
    guard !rivals.isEmpty else { return Share(0, of: 1) }
    let points = points(of: members).appending(landscape.points.selecting(rivals))
    var generator = SeededGenerator(seed: study.seed, stream: 5 &+ UInt64(study.trials.count) << 8)
    let count = Self.frontDrawCount
    guard let drawn = metrics.draws(at: points, count: count, using: &generator) else { return nil }
    let draws = pareto.draws(drawn, points.configurations, count: count)
    let serving = members.map { _ in 0 } + rivals.map { landscape.serving[$0] }
    var bounds = (0..<count).map { draw in
      // One chance for all cells: boundaries move as a whole, not cell by cell.
      let chance = log(generator.nextUnit())
      let bounded = constraints.map { (drawn($0.form, draw: draw), $0.bound) }
      let feasible = (0..<points.count).filter { i in
        serving[i] > chance && bounded.allSatisfy { $0.0[i] <= $0.1 }
      }
      let kept = feasible.prefix { $0 < members.count }
      let offset = draw * points.count
      return feasible.dropFirst(kept.count).reduce(0.0) { worst, cell in
        var least = Double.infinity
        for member in kept where least > worst {
          let beaten = draws.indices.reduce(0.0) { most, k in
            max(
              most,
              pareto.shortfall(
                of: draws[k][offset + member], from: draws[k][offset + cell], objective: k))
          }
          least = min(least, beaten)
        }
        return max(worst, least)
      }
    }
    bounds.sort()
    let rank = Int((Self.boundConfidence(study) * Double(count)).rounded(.up))
    return Share(min(bounds[min(rank, count) - 1], 1))
  }

  private static let frontDrawCount = 200
  /// Cells that are drawn together; the others have next to no chance of being on the front.
  private static let frontRivalsMax = 300

  private func frontRivals(
    _ pareto: ParetoModel, besides members: [Configuration], _ ignored: Set<Int>
  ) -> [Int] {
    let own = Set(members.compactMap { study.space.index(of: $0) })
    guard let improvement = improvement(over: pareto) else { return [] }
    let laws = pareto.marginals(landscape.evaluation, landscape.points.configurations)
    let worth = landscape.cells.indices.map { i in
      own.contains(landscape.cells[i]) || ignored.contains(i)
        ? -.infinity
        : landscape.feasible[i]
          + improvement.logExpectation(
            means: laws.map { $0.means[i] }, variances: laws.map { $0.variances[i] })
    }
    return landscape.cells.indices
      .filter { worth[$0] > -.infinity }
      .sorted { worth[$0] > worth[$1] }
      .prefix(Self.frontRivalsMax)
      .map { $0 }
  }
}
