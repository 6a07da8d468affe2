import Tuning

/// What the generator's own lag did to a window's latencies, which count from the intended start: how
/// much less each is from when requests were really sent.
///
/// A lag is judged by what it could have changed. Two milliseconds are nothing beside a bound of
/// 200 ms and everything beside one of 5 ms; and to a quantile that is only known to lie between 30 and
/// 50 ms they add nothing that anybody could tell. So it matters where it added
/// - a tenth of a bound, and at least 0.2 ms, to what that bound is on: the verdict may be its own;
/// - more to a latency than the width of that one's 95 % interval (an end that isn't known counts as 0
///   or twice the latency), and more than 1 ms and a fiftieth of the tightest bound: the number is.
package struct LagEffect: Hashable, Sendable {
  /// Whether a bound may be judged otherwise without it.
  package let reachesVerdict: Bool
  /// Whether a latency is another without it.
  package let reachesNumbers: Bool

  /// - Parameters:
  ///   - latencies: from the intended start.
  ///   - uncorrected: from when requests were really sent.
  ///   - lagP99: the 99th percentile of the lag in milliseconds, as which it counts where the first
  ///     piece of an answer is bounded.
  package init(
    _ latencies: LatencyEstimates, uncorrected: LatencyEstimates, lagP99: Double,
    limits: LoadLimits
  ) {
    let rows = Self.parts.map { metric, path in
      let (counted, sent) = (latencies[keyPath: path], uncorrected[keyPath: path].value ?? 0)
      let value = counted.value ?? 0
      return (
        metric: metric, added: value - sent,
        width: (counted.upper ?? 2 * value) - (counted.lower ?? 0)
      )
    }
    reachesVerdict = limits.constraints.contains { constraint in
      let isOnFirst = Metric.firstTokenTimes.contains(constraint.metric)
      let added =
        isOnFirst ? lagP99 : rows.first { $0.metric == constraint.metric }?.added ?? 0
      return added > max(Self.boundShare * constraint.maximum, Self.leastOfBounds)
    }
    let unnoticed = max(
      Self.leastOfNumbers, Self.unnoticedShare * (limits.latencyMax ?? 0))
    reachesNumbers = rows.contains { $0.added > max($0.width, unnoticed) }
  }

  private static let boundShare = 0.1
  private static let unnoticedShare = 0.02
  /// In milliseconds.
  private static let leastOfBounds = 0.2
  private static let leastOfNumbers = 1.0

  /// The latencies that can be bounded and have an interval.
  private static var parts: [(Metric, KeyPath<LatencyEstimates, Estimate>)] {
    [
      (.latencyMean, \.mean), (.latencyP50, \.p50), (.latencyP90, \.p90), (.latencyP95, \.p95),
      (.latencyP99, \.p99),
    ]
  }
}
