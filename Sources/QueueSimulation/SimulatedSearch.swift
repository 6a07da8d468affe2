package import StressTest
package import Tuning

extension StressPlan {
  /// The summary of one window on a simulated server.
  package func summary(
    of server: SimulatedServer, rate: Double, seconds: Double, ordinal: Int
  ) -> LoadStepSummary {
    let rate = Rate(perSecond: rate)
    let window = window(
      rate: rate, duration: .milliseconds(Int64(seconds * 1_000)), ordinal: ordinal)
    return LoadStepSummary(
      server.recording(of: window, stream: UInt64(ordinal)), of: window, rate: rate, limits: limits)
  }

  /// A whole search on a simulated server.
  package func search(_ server: SimulatedServer, startRate: Double? = nil) -> (
    CapacityResult, [LoadProbe]
  ) {
    var search = CapacitySearch(plan: self, startRate: startRate.map { Rate(perSecond: $0) })
    var probes: [LoadProbe] = []
    var step: LoadStep?
    while true {
      switch search.next(after: step) {
      case .finished(let result): return (result, probes)
      case .probe(let probe):
        probes.append(probe)
        step =
          summary(
            of: server, rate: probe.rate.perSecond, seconds: probe.duration.seconds,
            ordinal: probes.count
          ).step
      }
    }
  }
}

extension Constraint {
  /// A bound on the 99th percentile that the stress test holds.
  package static func p99(_ milliseconds: Double) -> Constraint {
    Constraint(metric: .latencyP99, maximum: milliseconds, isHeldByStressTest: true)
  }
}
