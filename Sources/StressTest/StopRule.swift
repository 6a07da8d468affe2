package import Tuning

/// When a window may end before its time: as soon as it is certain that every bound holds, or that
/// one doesn't.
///
/// Requests are judged in the order of their intended starts, so that one that is still waited for
/// holds the verdict up, and a slow answer is never left out for being slow.
package struct StopRule: Sendable {
  private var latencies: [SequentialVerdict]
  private var errors: SequentialVerdict?
  /// A bound on a mean, or on no errors at all, is never certain to hold.
  private let canHold: Bool

  /// - Parameters:
  ///   - limits: what must hold.
  ///   - requests: how many requests the whole window has.
  ///   - rate: of the window.
  ///   - risk: the probability of a false verdict that is aimed at; see `SequentialVerdict`.
  package init(limits: LoadLimits, requests: Int, rate: Rate, risk: Double = 0.05) {
    let shares = limits.constraints.map { ($0.maximum, Self.share(of: $0.metric)) }
    let hasErrors = limits.errorRateMax > 0 && limits.errorRateMax < 1
    canHold = shares.allSatisfy { $0.1 != nil } && limits.errorRateMax > 0
    let part = risk / Double(shares.count + 1)
    let least = min(Int(Self.secondsToHold * rate.perSecond), requests / 2)
    latencies = shares.compactMap { maximum, share in
      share.map {
        SequentialVerdict(bound: maximum, share: $0, risk: part, leastToHold: least)
      }
    }
    errors =
      hasErrors
      ? SequentialVerdict(bound: 0.5, share: limits.errorRateMax, risk: part, leastToHold: least)
      : nil
  }

  /// Long enough for pauses that come every other second to show.
  private static let secondsToHold = 5.0

  /// The share of requests that may exceed a bound on the metric; nil where that is not how the
  /// metric is defined.
  private static func share(of metric: Metric) -> Double? {
    switch metric {
    case .latencyP50: 0.5
    case .latencyP90: 0.1
    case .latencyP95: 0.05
    case .latencyP99: 0.01
    default: nil
    }
  }

  /// - Parameter milliseconds: the request's latency; one that failed in any other way than by
  ///   taking too long has none.
  package mutating func append(milliseconds: Double, result: RequestResult) {
    errors?.append(result == .success ? 0 : 1)
    guard result == .success || result == .timedOut else { return }
    for index in latencies.indices { latencies[index].append(milliseconds) }
  }

  package mutating func append(_ request: RequestRecord) {
    append(milliseconds: request.milliseconds, result: request.result)
  }

  package var conclusion: SequentialVerdict.Conclusion {
    let all = latencies.map(\.conclusion) + (errors.map { [$0.conclusion] } ?? [])
    if all.contains(.fails) { return .fails }
    return canHold && all.allSatisfy { $0 == .holds } ? .holds : .undecided
  }
}
