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
  /// CPU time that the generator spent in the window.
  package let generatorCPU: Duration
  /// Counted from the intended start, as in `step`.
  package let latencies: LatencyEstimates
  /// Counted from when requests were really sent.
  package let uncorrectedLatencies: LatencyEstimates
  package let scheduleLag: ScheduleLag

  /// - Parameters:
  ///   - recording: all requests of the window.
  ///   - window: what was asked for.
  ///   - rate: the rate that the window was made for.
  ///   - limits: what must hold.
  package init(_ recording: LoadRecording, of window: LoadWindow, rate: Rate, limits: LoadLimits) {
    let part = SteadyPart(recording, of: window)
    let lag = part.scheduleLag
    let backlog = Backlog(latencies: recording.requests.map(\.milliseconds))
    // In a closed loop nothing can pile up: the candidate decides on the rate.
    let isOpen = window.users == nil
    isSaturated =
      isOpen && (recording.wasCutShort || backlog.isGrowing(over: part.windowSeconds))
    warmUpSeconds = part.start
    let latencies = part.series(\.milliseconds)
    let growth = isOpen ? backlog.latencyGrowth : 0
    let stretch = 1 + growth / 1_000 / max(part.windowSeconds, 1e-9)
    effectiveRequests = latencies.effectiveCount
    var step = LoadStep(
      offeredRate: recording.wasCutShort
        ? rate : Rate(perSecond: Double(part.requests.count) / part.seconds),
      achievedRate: Rate(perSecond: Double(part.successes) / (part.seconds * stretch)),
      duration: .nanoseconds(Int64(part.seconds * 1e9)),
      requests: part.requests.count, errors: part.errors, latencies: latencies.quantiles,
      latencyP99Interval: latencies.ordered.interval(
        ofQuantile: 0.99, effectiveCount: effectiveRequests),
      scheduleLagP99: .nanoseconds(Int64(lag.quantile(0.99))),
      holds: false)
    step.holds = !isSaturated && limits.hold(step)
    self.step = step
    littleDisagreement = part.littleDisagreement
    generatorUtilization = recording.generatorCPU.seconds / max(part.spanSeconds, 1e-9)
    generatorCPU = recording.generatorCPU
    self.latencies = latencies.estimates
    uncorrectedLatencies = part.series { Double($0.end - $0.actualStart) * 1e-6 }.estimates
    scheduleLag = ScheduleLag(nanoseconds: lag)
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
    let asked = min(recording.stoppedAfter ?? window.duration, window.duration).seconds
    windowSeconds = recording.wasCutShort && last > 0 ? min(last, asked) : asked
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
  var scheduleLag: OrderedValues { OrderedValues(requests.map { Double($0.scheduleLag) }) }

  /// A latency of all requests, in milliseconds, or of those with a right answer where those are
  /// worse.
  func series(_ latency: (RequestRecord) -> Double) -> LatencySeries {
    let all = LatencySeries(requests.map(latency))
    let successful = requests.filter { $0.result == .success }
    guard !successful.isEmpty, successful.count < requests.count else { return all }
    return all.worst(with: LatencySeries(successful.map(latency)))
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
