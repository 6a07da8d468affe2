import QueueSimulation
import StressTest
import Synchronization
import Tuning

/// A started candidate in virtual time, with the faults that real ones have.
struct SimulatedCandidate: Sendable {
  var server = SimulatedServer(serviceSeconds: 0.01)
  /// Seconds after its start; nil for never.
  var readyAt: Double? = 2
  /// When its process ends, and how.
  var end: (at: Double, how: String)?
  /// When the kernel kills one of its processes.
  var outOfMemoryKillAt: Double?
  /// From when on it answers nothing.
  var hangsFrom = Double.infinity
  /// From when on it answers wrongly.
  var wrongFrom = Double.infinity
  var wrongResult = RequestResult.wrongContent
  /// How late the generator sends, and what of a core it uses.
  var scheduleLag = 0.0
  var generatorUtilization = 0.01

  func candidate(on time: VirtualTime) -> Candidate {
    let windows = Mutex(UInt64(0))
    let shared = Counter()
    return Candidate(
      state: { state(at: time.now.offset.seconds) },
      usage: { usage(at: time.now.offset.seconds, answered: shared.value) },
      lastLogLines: { count in Array(["loading", "serving"].suffix(count)) },
      stop: {},
      endpoint: Endpoint(
        sendOne: { timeout in await sendOne(timeout, on: time) },
        send: { window in
          let ordinal = windows.withLock { ordinal in
            ordinal += 1
            return ordinal
          }
          let recording = recording(of: window, from: time.now.offset.seconds, stream: ordinal)
          let last = recording.requests.map(\.end).max() ?? 0
          try await time.sleep(
            for: max(recording.stoppedAfter ?? window.duration, .nanoseconds(last)))
          shared.add(recording.requests.count { $0.result == .success })
          return recording
        }))
  }

  private func state(at seconds: Double) -> Candidate.State {
    if let end, seconds >= end.at { return .ended(end.how) }
    return readyAt.map { seconds >= $0 } ?? false ? .ready : .starting
  }

  private func usage(at seconds: Double, answered: Int) -> Candidate.Usage {
    Candidate.Usage(
      memoryPeak: ByteCount(256 << 20), cpu: .milliseconds(8 * answered),
      outOfMemoryKills: outOfMemoryKillAt.map { seconds >= $0 ? 1 : 0 } ?? 0)
  }

  private func sendOne(_ timeout: Duration, on time: VirtualTime) async -> RequestResult {
    let begin = time.now.offset.seconds
    if begin >= hangsFrom {
      try? await time.sleep(for: timeout)
      return .timedOut
    }
    try? await time.sleep(for: .seconds(server.serviceSeconds))
    return begin >= wrongFrom ? wrongResult : .success
  }

  private func recording(
    of window: LoadWindow, from begin: Double, stream: UInt64
  ) -> LoadRecording {
    let faultless = server.recording(of: window, stream: stream)
    let lag = Int64(scheduleLag * 1e9)
    let requests = faultless.requests.map { request in
      let due = begin + Double(request.intendedStart) * 1e-9
      let isHanging = due >= hangsFrom
      let result =
        isHanging
        ? .timedOut
        : due >= wrongFrom && request.result == .success
          ? wrongResult
          : request.result
      let end =
        isHanging ? request.intendedStart + Int64(window.timeout.seconds * 1e9) : request.end + lag
      return RequestRecord(
        intendedStart: request.intendedStart, actualStart: request.intendedStart + lag, end: end,
        result: result)
    }
    return LoadRecording(
      requests: requests, wasCutShort: faultless.wasCutShort,
      stoppedAfter: faultless.stoppedAfter,
      generatorCPU: .milliseconds(
        Int64((faultless.stoppedAfter ?? window.duration).seconds * generatorUtilization * 1e3)))
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add(_ more: Int) { count.withLock { $0 += more } }
}
