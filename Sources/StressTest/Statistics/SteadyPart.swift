import Tuning

/// The requests of a window that were due after its lead-in and its warm-up.
struct SteadyPart {
  let requests: ArraySlice<RequestRecord>
  /// Seconds after the window's start at which the part begins.
  let start: Double
  /// How long requests were due: shorter than asked for when the window was cut short.
  let windowSeconds: Double
  /// From the window's start until the last answer.
  let spanSeconds: Double

  init(_ recording: LoadRecording, of window: LoadWindow) {
    let all = recording.requests
    let leadIn = Int64(window.leadIn.seconds * 1e9)
    // A window that ended within its lead-in says what it says.
    let filling = all.prefix { $0.intendedStart < leadIn }.count
    let begun = filling < all.count ? filling : 0
    let dropped = begun + WarmUp.length(of: all[begun...].map(\.milliseconds))
    requests = all[dropped...]
    start =
      dropped > begun
      ? Double(all[dropped].intendedStart) * 1e-9 : begun > 0 ? window.leadIn.seconds : 0
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
