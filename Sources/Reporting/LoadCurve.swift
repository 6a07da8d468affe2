package import Tuning

/// Latency and throughput of one configuration as functions of the offered load: the fitted curve
/// as points, beside the loads that were measured.
package struct LoadCurve: Hashable, Sendable, Decodable {
  /// The fitted curve at one offered load. Rates in requests per second, latencies in
  /// milliseconds, ends of the 90 % band.
  package struct Point: Hashable, Sendable, Decodable {
    package let offeredRate: Double
    package let achievedRate: Double?
    package let p50: Double?
    package let p99: Double?
    package let p99Lower: Double?
    package let p99Upper: Double?

    package init(
      offeredRate: Double, achievedRate: Double?, p50: Double? = nil, p99: Double?,
      p99Lower: Double? = nil, p99Upper: Double? = nil
    ) {
      self.offeredRate = offeredRate
      self.achievedRate = achievedRate
      self.p50 = p50
      self.p99 = p99
      self.p99Lower = p99Lower
      self.p99Upper = p99Upper
    }
  }

  /// By rising offered rate; empty when there was too little to fit.
  package let points: [Point]
  /// Those whose numbers are finite: a load under which nothing was answered has no latency.
  package let loadSteps: [LoadStep]
  /// Where the latency starts to climb, in requests per second.
  package let kneeRate: Double?
  /// The most that it can answer, in requests per second.
  package let capacityRate: Double?

  package init(
    points: [Point], loadSteps: [LoadStep], kneeRate: Double? = nil, capacityRate: Double? = nil
  ) {
    self.points = points
    self.loadSteps = loadSteps.filter(\.isFinite)
    self.kneeRate = kneeRate
    self.capacityRate = capacityRate
  }

  /// The measured loads by rising offered rate.
  var stepsInOrder: [LoadStep] { loadSteps.sorted { $0.offeredRate < $1.offeredRate } }
}

extension LoadStep {
  /// Whether every number in it is one that JSON and a chart can show.
  var isFinite: Bool {
    let interval = latencyP99Interval.map { [$0.lower, $0.upper] } ?? []
    let numbers = [
      offeredRate, achievedRate, seconds, scheduleLagP99, latencies.mean, latencies.p50,
      latencies.p90, latencies.p95, latencies.p99, latencies.max,
    ]
    return (numbers + interval).allSatisfy(\.isFinite)
  }
}
