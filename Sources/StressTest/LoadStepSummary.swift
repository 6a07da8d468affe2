package import Tuning

/// What the recording of one window says: the load step, and how far to trust it.
package struct LoadStepSummary: Sendable {
  package let step: LoadStep
  /// The part at the window's start that was left out, found in the data.
  package let warmUpSeconds: Double
  /// How many independent requests would say as much about the 99th percentile.
  package let effectiveRequests: Int
  /// True when requests piled up, or so many that the window was cut short.
  package let isSaturated: Bool
  /// By which share the mean number of requests in flight differs from arrival rate times mean
  /// latency, which are equal in a steady state (J. D. C. Little, 1961).
  package let littleDisagreement: Double
  /// CPU seconds that the generator spent for each second of the window.
  package let generatorUtilization: Double

  /// - Parameters:
  ///   - recording: all requests of the window.
  ///   - window: what was asked for.
  ///   - rate: the rate that the window was made for.
  ///   - limits: what must hold.
  package init(_ recording: LoadRecording, of window: LoadWindow, rate: Rate, limits: LoadLimits) {
    let part = SteadyPart(recording, of: window)
    let backlog = Backlog(latencies: recording.requests.map(\.milliseconds))
    isSaturated = recording.wasCutShort || backlog.isGrowing(over: part.windowSeconds)
    warmUpSeconds = part.start
    let latencies = part.latencies
    let stretch = 1 + backlog.latencyGrowth / 1_000 / max(part.windowSeconds, 1e-9)
    effectiveRequests = latencies.effectiveCount
    var step = LoadStep(
      offeredRate: recording.wasCutShort
        ? rate : Rate(perSecond: Double(part.requests.count) / part.seconds),
      achievedRate: Rate(perSecond: Double(part.successes) / (part.seconds * stretch)),
      duration: .nanoseconds(Int64(part.seconds * 1e9)),
      requests: part.requests.count, errors: part.errors, latencies: latencies.quantiles,
      latencyP99Interval: latencies.ordered.interval(
        ofQuantile: 0.99, effectiveCount: effectiveRequests),
      scheduleLagP99: .nanoseconds(Int64(part.scheduleLagP99)),
      holds: false)
    step.holds = !isSaturated && limits.hold(step)
    self.step = step
    littleDisagreement = part.littleDisagreement
    generatorUtilization = recording.generatorCPU.seconds / max(part.spanSeconds, 1e-9)
  }
}

extension RequestRecord {
  var milliseconds: Double { Double(latency) * 1e-6 }
}

/// The requests of a window that were due after its warm-up.
private struct SteadyPart {
  let requests: ArraySlice<RequestRecord>
  /// Seconds after the window's start at which the part begins.
  let start: Double
  /// How long requests were due: shorter than asked for when the window was cut short.
  let windowSeconds: Double
  /// From the window's start until the last answer.
  let spanSeconds: Double

  init(_ recording: LoadRecording, of window: LoadWindow) {
    let all = recording.requests
    let dropped = WarmUp.length(of: all.map(\.milliseconds))
    requests = all[dropped...]
    start = dropped == 0 ? 0 : Double(all[dropped].intendedStart) * 1e-9
    let last = Double(all.last?.intendedStart ?? 0) * 1e-9
    windowSeconds =
      recording.wasCutShort && last > 0
      ? min(last, window.duration.seconds) : window.duration.seconds
    spanSeconds = max(windowSeconds, Double(all.map(\.end).max() ?? 0) * 1e-9)
  }

  var seconds: Double { max(windowSeconds - start, 1e-3) }
  var successes: Int { requests.count { $0.result == .success } }

  var errors: [String: Int] {
    var counts: [String: Int] = [:]
    for request in requests where request.result != .success {
      counts[request.result.rawValue, default: 0] += 1
    }
    return counts
  }

  /// In nanoseconds.
  var scheduleLagP99: Double {
    OrderedValues(requests.map { Double($0.scheduleLag) }).quantile(0.99)
  }

  var latencies: Latencies {
    let all = Latencies(requests.map(\.milliseconds))
    let successful = requests.filter { $0.result == .success }
    guard !successful.isEmpty, successful.count < requests.count else { return all }
    return all.worst(with: Latencies(successful.map(\.milliseconds)))
  }

  var littleDisagreement: Double {
    let arrived = requests.reduce(0) { $0 + Double($1.latency) } * 1e-9
    let present = requests.reduce(0) { sum, request in
      let end = min(Double(request.end) * 1e-9, windowSeconds)
      return sum + max(end - Double(request.intendedStart) * 1e-9, 0)
    }
    return arrived > 0 ? abs(arrived - present) / arrived : 0
  }
}

/// A series of latencies in milliseconds and its quantiles.
private struct Latencies {
  let series: [Double]
  let ordered: OrderedValues
  let effectiveCount: Int
  var quantiles: LoadStep.Latencies

  init(_ series: [Double]) {
    self.series = series
    let ordered = OrderedValues(series)
    let count = max(Autocorrelation.effectiveCount(of: series), 1)
    self.ordered = ordered
    effectiveCount = count
    quantiles = LoadStep.Latencies(
      mean: series.isEmpty ? 0 : series.reduce(0, +) / Double(series.count),
      p50: ordered.quantile(0.5, effectiveCount: count),
      p90: ordered.quantile(0.9, effectiveCount: count),
      p95: ordered.quantile(0.95, effectiveCount: count),
      p99: ordered.quantile(0.99, effectiveCount: count),
      max: ordered.values.last ?? 0)
  }

  /// The greater of each number, so that a request that failed fast never improves one and a
  /// request that timed out worsens it.
  func worst(with other: Latencies) -> Latencies {
    var worst = quantiles.p99 >= other.quantiles.p99 ? self : other
    let (left, right) = (quantiles, other.quantiles)
    worst.quantiles = LoadStep.Latencies(
      mean: max(left.mean, right.mean), p50: max(left.p50, right.p50),
      p90: max(left.p90, right.p90), p95: max(left.p95, right.p95),
      p99: max(left.p99, right.p99), max: max(left.max, right.max))
    return worst
  }
}
