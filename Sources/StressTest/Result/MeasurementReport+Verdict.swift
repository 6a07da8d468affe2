import Tuning

// The measurement's verdict on itself.
extension MeasurementReport {
  private static let generatorUtilizationMax = 0.7
  private static let littleDisagreementMax = 0.2
  /// So few independent requests that their 99th percentile is hardly more than a guess.
  private static let effectiveRequestsMin = 20

  /// Not usable where the generator was the bottleneck of a window whose numbers are given.
  func verdict(on chosen: [MeasuredWindow], _ doubts: [String]) -> Measurement.Verdict {
    if chosen.contains(where: { $0.summary.quality.wasGeneratorBottleneck }) {
      return .unusable(
        ["the generator was the bottleneck: the numbers say more of it than of the server"]
          + doubts)
    }
    return doubts.isEmpty ? .sound : .doubtful(doubts)
  }

  /// Reasons, as sentences, to take the given windows with care.
  func doubts(about chosen: [MeasuredWindow]) -> [String] {
    let qualities = chosen.map(\.summary.quality)
    var doubts: [String] = []
    let lag = qualities.map(\.scheduleLagP99).max() ?? 0
    if lag > max(0.1 * (plan.limits.latencyMax ?? 100), WindowQuality.lagNoticed) {
      doubts.append(
        "the generator sent 1 % of the requests more than \(LoadLimits.short(lag)) ms late")
    }
    let utilization = qualities.map(\.generatorUtilization).max() ?? 0
    if utilization > Self.generatorUtilizationMax {
      doubts.append(
        "the generator used \(LoadLimits.short(utilization * 100)) % of a core: it may have been "
          + "the bottleneck")
    }
    if qualities.contains(where: { $0.littleDisagreement > Self.littleDisagreementMax }) {
      doubts.append("the requests in flight disagree with Little's law: the load wasn't steady")
    }
    if let drift = qualities.map(\.drift).max(by: { abs($0) < abs($1) }), drift != 0 {
      let direction = drift > 0 ? "rose" : "fell"
      doubts.append(
        "the latency \(direction) by \(LoadLimits.short(abs(drift) * 100)) % in the course of the "
          + "load: it wasn't steady")
    }
    let effective = qualities.reduce(0) { $0 + $1.effectiveRequests }
    if effective < Self.effectiveRequestsMin {
      doubts.append(
        "\(chosen.reduce(0) { $0 + $1.summary.step.requests }) requests say as much as "
          + "\(effective) independent ones: too few for a 99th percentile")
    }
    return doubts
  }
}
