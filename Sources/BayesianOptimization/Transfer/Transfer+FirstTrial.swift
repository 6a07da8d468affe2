import GaussianProcess
import Glibc
import Tuning

extension Transfer {
  /// The open cell that is best tried first, by what earlier services did: the one with the greatest share
  /// of the best objective to be expected of it, where a trial that fails is worth nothing.
  ///
  /// Nil where they aren't trusted, or only for want of anything that could speak against them: the best of
  /// one that misleads is the worst place to begin. Nil also with several objectives, whose front has no
  /// best point to begin at.
  func firstCell(_ study: Study, among open: [Int]) -> Int? {
    guard isTrusted, agreement.isAnythingUsual, study.furtherObjectives.isEmpty else { return nil }
    let isOpen = Set(open)
    let cells = Self.sampledCells(study.space, max: Self.firstCellsMax).filter(isOpen.contains)
    var shares = [Double](repeating: 0, count: cells.count)
    for (service, weight) in zip(earlier, agreement.weights) {
      let worth = cells.map { service.logWorth(study, at: $0) }
      guard let top = worth.max(), top > -.infinity else { continue }
      for i in cells.indices { shares[i] += weight * exp(worth[i] - top) }
    }
    guard let best = shares.indices.max(by: { shares[$0] < shares[$1] }), shares[best] > 0 else {
      return nil
    }
    return cells[best]
  }

  /// Of a larger space a part is enough to begin with.
  private static let firstCellsMax = 5_000
}

extension EarlierService {
  /// log (objective × P(feasible)) of a service like this one, more being better; −∞ where the objective
  /// isn't known, or has no logarithm.
  fileprivate func logWorth(_ study: Study, at cell: Int) -> Double {
    let measurement = Measurement(values: logMetrics.mapValues { exp($0[cell]) })
    guard
      let value = study.objectiveValue(
        of: measurement, at: study.space.configuration(at: cell)), value > 0, value.isFinite
    else { return -.infinity }
    let utility = study.objective.direction == .maximize ? log(value) : -log(value)
    return study.constraints.reduce(utility + log(max(chances[cell], 1e-6))) { sum, constraint in
      guard !constraint.isHeldByStressTest, let metric = logMetrics[constraint.metric]?[cell]
      else { return sum }
      return sum
        + NormalDistribution.logProbability(
          below: (log(constraint.maximum) - metric) / Self.levelDeviation)
    }
  }

  /// How far another service's metrics are from this one's as a whole, in logarithms.
  private static let levelDeviation = 0.4
}
