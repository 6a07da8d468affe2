package import Tuning

/// When a window may end before its time: as soon as it is certain that every bound holds, or that
/// one doesn't.
///
/// Requests are judged in the order of their intended starts, so that one that is still waited for
/// holds the verdict up, and a slow answer is never left out for being slow.
package struct StopRule: Sendable {
  private var verdicts: [(measure: RequestBound.Measure, verdict: SequentialVerdict)]
  /// Requests that are due before this, in nanoseconds after the window's start, say nothing.
  private let leadIn: Int64
  /// A bound on a mean, or on no errors at all, is never certain to hold.
  private let canHold: Bool

  /// - Parameters:
  ///   - limits: what must hold.
  ///   - requests: how many requests the whole window has.
  ///   - rate: of the window.
  ///   - leadIn: the window's part at its start that doesn't count.
  ///   - risk: the probability of a false verdict that is aimed at; see `SequentialVerdict`.
  package init(
    limits: LoadLimits, requests: Int, rate: Rate, leadIn: Duration = .zero, risk: Double = 0.05
  ) {
    let bounds = limits.requestBounds
    canHold =
      limits.constraints.allSatisfy { $0.metric.exceedanceShare != nil } && limits.errorRateMax > 0
    let part = risk / Double(max(bounds.count, 1))
    let least = min(Int(Self.secondsToHold * rate.perSecond), requests / 2)
    verdicts = bounds.map {
      (
        $0.measure,
        SequentialVerdict(bound: $0.maximum, share: $0.share, risk: part, leastToHold: least)
      )
    }
    self.leadIn = Int64(leadIn.seconds * 1e9)
  }

  /// Long enough for pauses that come every other second to show.
  private static let secondsToHold = 5.0

  package mutating func append(_ request: RequestRecord) {
    guard request.intendedStart >= leadIn else { return }
    for index in verdicts.indices {
      if let value = verdicts[index].measure.value(of: request) {
        verdicts[index].verdict.append(value)
      }
    }
  }

  package var conclusion: SequentialVerdict.Conclusion {
    if verdicts.contains(where: { $0.verdict.conclusion == .fails }) { return .fails }
    return canHold && verdicts.allSatisfy { $0.verdict.conclusion == .holds } ? .holds : .undecided
  }
}
