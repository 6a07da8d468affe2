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

  /// A whole search on a simulated server: its result, what it asked for, and the seconds of load.
  package func search(
    _ server: SimulatedServer, startRate: Double? = nil
  ) -> (result: CapacityResult, probes: [LoadProbe], seconds: Double) {
    var search = CapacitySearch(plan: self, startRate: startRate.map { Rate(perSecond: $0) })
    var probes: [LoadProbe] = []
    var seconds = 0.0
    var seen: CapacitySearch.Observation?
    while true {
      switch search.next(after: seen) {
      case .finished(let result): return (result, probes, seconds)
      case .probe(let probe):
        probes.append(probe)
        let window = window(for: probe, ordinal: probes.count)
        let recording = server.recording(of: window, stream: UInt64(probes.count))
        let summary = LoadStepSummary(recording, of: window, rate: probe.rate, limits: limits)
        seconds += summary.windowSeconds
        seen = CapacitySearch.Observation(summary)
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
