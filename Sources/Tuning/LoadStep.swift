/// What one constant offered load did to a candidate.
package struct LoadStep: Hashable, Sendable, Codable {
  /// Latencies counted from the intended start, in milliseconds.
  package struct Latencies: Hashable, Sendable, Codable {
    package var mean: Double
    package var p50: Double
    package var p90: Double
    package var p95: Double
    package var p99: Double
    package var max: Double

    package init(mean: Double, p50: Double, p90: Double, p95: Double, p99: Double, max: Double) {
      self.mean = mean
      self.p50 = p50
      self.p90 = p90
      self.p95 = p95
      self.p99 = p99
      self.max = max
    }
  }

  /// Requests that were due, per second.
  package var offeredRate: Double
  /// Right answers, per second.
  package var achievedRate: Double
  /// How long requests were due, warm-up left out.
  package var seconds: Double
  /// Requests that were due.
  package var requests: Int
  /// Requests that got no right answer, by kind.
  package var errors: [String: Int]
  package var latencies: Latencies
  /// The 90 % interval of the 99th percentile, in milliseconds, where enough requests were made.
  package var latencyP99Interval: Interval?
  /// The 99th percentile of how late requests were sent, in milliseconds: the generator's own lag.
  package var scheduleLagP99: Double
  /// Whether all constraints held under this load.
  package var holds: Bool
  /// Of answers that were generated; nil where none was.
  package var generation: Generation?
  /// The share of requests that meet every bound by themselves, from 0 to 1; nil where no time is
  /// bounded.
  package var goodput: Double?

  package init(
    offeredRate: Rate, achievedRate: Rate, duration: Duration, requests: Int,
    errors: [String: Int], latencies: Latencies, latencyP99Interval: Interval?,
    scheduleLagP99: Duration, holds: Bool
  ) {
    self.offeredRate = offeredRate.perSecond
    self.achievedRate = achievedRate.perSecond
    self.seconds = duration.seconds
    self.requests = requests
    self.errors = errors
    self.latencies = latencies
    self.latencyP99Interval = latencyP99Interval
    self.scheduleLagP99 = scheduleLagP99.milliseconds
    self.holds = holds
  }

  /// The share of requests that got no right answer, from 0 to 1.
  package var errorRate: Double {
    requests == 0 ? 0 : Double(errors.values.reduce(0, +)) / Double(requests)
  }
}
