package import Tuning

/// A load that something else than one rate decides on.
package enum GivenLoad: Hashable, Sendable {
  /// A closed loop: so many users, each of which sends its next request as soon as it has the
  /// answer to the one before. It slows down with the server, and can't show what those who don't
  /// wait would see.
  case users(Int, Duration)
  /// A rate that changes in a known way.
  case shape(LoadShape)
  /// Recorded arrival times.
  case recorded(RecordedArrivals)

  package var duration: Duration {
    switch self {
    case .users(_, let duration): duration
    case .shape(let shape): shape.duration
    case .recorded(let arrivals): arrivals.duration
    }
  }

  /// Requests per second on average; 0 where the server decides.
  package var meanRate: Rate {
    let seconds = max(duration.seconds, 1e-9)
    return switch self {
    case .users: Rate(perSecond: 0)
    case .shape(let shape): Rate(perSecond: shape.expected / seconds)
    case .recorded(let arrivals): Rate(perSecond: Double(arrivals.starts.count) / seconds)
    }
  }

  /// What is judged by itself, as seconds after the start.
  var parts: [Range<Double>] {
    if case .shape(let shape) = self { return shape.parts }
    return [0..<duration.seconds]
  }

  /// The users of a closed loop.
  var users: Int? { if case .users(let count, _) = self { count } else { nil } }

  /// The whole of it as one window.
  func window(of plan: StressPlan) -> LoadWindow {
    let starts: [Int64]
    switch self {
    case .users(let count, let duration):
      var window = LoadWindow(users: count, duration: duration, timeout: plan.timeout)
      window.seed = plan.seed
      return window
    case .shape(let shape): starts = plan.arrival.intendedStarts(shape: shape, seed: plan.seed)
    case .recorded(let arrivals): starts = arrivals.starts
    }
    let latency = min(
      plan.limits.latencyMax.map { 3 * $0 / 1_000 } ?? .infinity, plan.timeout.seconds)
    let peak = Self.peakRate(of: starts)
    var window = LoadWindow(
      intendedStarts: starts, duration: duration, timeout: plan.timeout,
      outstandingMax: max(32, Int(peak * latency), starts.count / 20))
    window.seed = plan.seed
    return window
  }

  /// The most that is due in any second.
  private static func peakRate(of starts: [Int64]) -> Double {
    var most = 0
    var first = 0
    for (index, start) in starts.enumerated() {
      while start - starts[first] >= 1_000_000_000 { first += 1 }
      most = max(most, index - first + 1)
    }
    return Double(most)
  }
}

extension LoadRecording {
  /// The requests that were due in a part of the window, counted from its start.
  func part(_ part: Range<Double>) -> LoadRecording {
    let start = Int64(part.lowerBound * 1e9)
    let end = Int64(part.upperBound * 1e9)
    let chosen = requests.filter { (start..<end).contains($0.intendedStart) }
    let share = Double(chosen.count) / Double(max(requests.count, 1))
    return LoadRecording(
      requests: chosen.map {
        RequestRecord(
          intendedStart: $0.intendedStart - start, actualStart: $0.actualStart - start,
          end: $0.end - start, result: $0.result, generation: $0.generation)
      },
      wasCutShort: wasCutShort && (requests.last?.intendedStart ?? 0) < end,
      generatorCPU: .nanoseconds(Int64(generatorCPU.seconds * share * 1e9)))
  }
}
