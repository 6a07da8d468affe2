import Tuning

/// How far the numbers of a window can be trusted.
package struct WindowQuality: Hashable, Sendable {
  /// How many independent requests would say as much about the 99th percentile.
  package let effectiveRequests: Int
  /// By which share the mean number of requests in flight differs from arrival rate times mean
  /// latency, which are equal in a steady state (J. D. C. Little, 1961).
  package let littleDisagreement: Double
  /// CPU seconds that the generator spent for each second of the window.
  package let generatorUtilization: Double
  /// The 99th percentile of how late requests were sent, in milliseconds.
  package let scheduleLagP99: Double
  /// By which share the mean latency of the latter half is above that of the first, or below; 0
  /// where chance explains the difference.
  package let drift: Double
  /// What the generator's lag did to the latencies.
  package let lagEffect: LagEffect

  /// Whether the numbers say more of the generator than of the candidate: it was out of time, or its
  /// lag may have decided a verdict or made a latency.
  package var wasGeneratorBottleneck: Bool {
    generatorUtilization > Self.utilizationUsable || lagEffect.reachesVerdict
      || lagEffect.reachesNumbers
  }

  static let utilizationUsable = 0.95
  /// In milliseconds.
  static let lagNoticed = 1.0
}

extension WindowQuality {
  /// - Parameter latencies: in the order of the intended starts.
  static func drift(of latencies: [Double]) -> Double {
    let batches = 10
    guard latencies.count >= 10 * batches else { return 0 }
    let means = (0..<batches).map { batch in
      let part = latencies[
        batch * latencies.count / batches..<(batch + 1) * latencies.count / batches]
      return part.reduce(0, +) / Double(part.count)
    }
    let half = batches / 2
    let (first, second) = (means[..<half], means[half...])
    let (early, late) = (
      first.reduce(0, +) / Double(half), second.reduce(0, +) / Double(half)
    )
    let squares =
      first.reduce(0) { $0 + ($1 - early) * ($1 - early) }
      + second.reduce(0) { $0 + ($1 - late) * ($1 - late) }
    let deviation = (squares / Double(batches - 2) * 2 / Double(half)).squareRoot()
    guard early > 0, abs(late - early) > max(studentT * deviation, leastDrift * early) else {
      return 0
    }
    return late / early - 1
  }

  /// As a share; less is of no concern.
  private static let leastDrift = 0.25
  /// The 99.5th percentile of Student's t with eight degrees of freedom: one steady window in a
  /// hundred seems to drift.
  private static let studentT = 3.355
}
