import StressTest
import Tuning

/// The loop that sends one window.
///
/// Open loop: a request is sent when it is due, whatever became of those before it. Closed loop:
/// each user sends its next request as soon as the one before has ended.
struct WindowRun: ~Copyable {
  /// How long answers are still waited for once the window was cut short, in nanoseconds.
  private static let graceAfterCut: Int64 = 1_000_000_000
  /// How many requests are sent before answers have their turn: what falls behind its schedule
  /// finds connections that have become idle meanwhile, and needs no more of them.
  private static let sendsInARow = 64
  /// How many of them may open a connection, which costs several times a request.
  private static let openingsInARow = 8
  /// How many answers are parsed whole after the window.
  private static let parsedMax = 8

  private let wire: any LoadWire
  private let window: LoadWindow
  private let start = MonotonicClock.now()
  private var users: UserLoop?
  private var intendedStarts: [Int64] = []
  private var actualStarts: [Int64] = []
  /// The records of those that have ended; as many as `actualStarts`.
  private var records: [RequestRecord?] = []
  private var outstanding = 0
  /// When the window was cut short, in nanoseconds after its start.
  private var cutAt: Int64?
  private var stopRule: StopRule?
  /// How many records the stop rule has seen.
  private var judged = 0
  /// When the stop rule ended the window, in nanoseconds after its start.
  private var stoppedAt: Int64?
  private var ended: [EndedRequest] = []
  private var progress: ProgressTally?

  init(_ window: LoadWindow, over wire: any LoadWire) {
    self.wire = wire
    self.window = window
    stopRule = window.stopRule
    users = window.users.map(UserLoop.init)
    progress = window.onProgress.map(ProgressTally.init)
    let expected = window.intendedStarts.count
    actualStarts.reserveCapacity(expected)
    records.reserveCapacity(expected)
    wire.prepare(
      timeout: window.timeout.wholeNanoseconds, outstandingMax: window.outstandingMax,
      seed: window.seed)
    wire.keepBodies(Self.parsedMax)
  }

  /// Blocks the calling thread until every request has ended; nil when it was cancelled.
  consuming func recording(target: HTTPTarget, isCancelled: () -> Bool) -> LoadRecording? {
    let cpuBefore = MonotonicClock.threadCPU()
    var wakeUp: Int64 = 0
    while !isCancelled() {
      wire.advance(until: wakeUp == .max ? .max : start + wakeUp)
      collect()
      judge()
      sendDue()
      let now = now
      progress?.report(now, sent: actualStarts.count)
      guard let next = nextWakeUp() else { break }
      wakeUp = next
    }
    abandonOutstanding()
    let cpu = MonotonicClock.threadCPU() - cpuBefore
    if isCancelled() { return nil }
    parseAnswers(expecting: target.expectation)
    return LoadRecording(
      requests: records.compactMap(\.self), wasCutShort: cutAt != nil,
      stoppedAfter: stoppedAt.map { .nanoseconds($0) },
      generatorCPU: .nanoseconds(cpu))
  }
}

// MARK: - Sending

extension WindowRun {
  private var now: Int64 { MonotonicClock.now() - start }

  private mutating func sendDue() {
    if users != nil {
      while isSending {
        let now = now
        guard let due = users?.popDue(at: now, opening: wire.opening) else { break }
        sendNext(intended: due, at: now)
      }
      return
    }
    let (first, opening) = (actualStarts.count, wire.opening)
    while isSending, actualStarts.count < first + Self.sendsInARow,
      wire.opening < opening + Self.openingsInARow
    {
      let now = now
      let due = window.intendedStarts[actualStarts.count]
      guard due <= now else { break }
      // What couldn't be sent within its time limit is too late, and so is all after it.
      if outstanding >= window.outstandingMax || now - due > window.timeout.wholeNanoseconds {
        cutAt = now
      } else {
        sendNext(intended: due, at: now)
      }
    }
  }

  private var isSending: Bool {
    guard cutAt == nil, stoppedAt == nil else { return false }
    return users == nil
      ? actualStarts.count < window.intendedStarts.count
      : actualStarts.count < StressPlan.requestsMax && now < window.duration.wholeNanoseconds
  }

  private mutating func sendNext(intended: Int64, at now: Int64) {
    let number = actualStarts.count
    intendedStarts.append(intended)
    actualStarts.append(now)
    records.append(nil)
    outstanding += 1
    wire.begin(number, at: start + now)
  }

  /// The next instant at which there is something to do besides what the wire waits for, in
  /// nanoseconds after the start; nil when all is done.
  private func nextWakeUp() -> Int64? {
    let report = progress?.nextReport ?? .max
    if isSending {
      let next =
        users.map { $0.nextDue ?? window.duration.wholeNanoseconds }
        ?? window.intendedStarts[actualStarts.count]
      return min(next, report)
    }
    if outstanding == 0 { return nil }
    guard let cutAt else { return report }
    let deadline = cutAt + min(Self.graceAfterCut, window.timeout.wholeNanoseconds)
    return now < deadline ? min(deadline, report) : nil
  }
}

// MARK: - What has ended

extension WindowRun {
  private mutating func collect() {
    wire.takeEnded(into: &ended)
    for request in ended {
      let end = request.instant - start
      finish(request.number, request.result, end: end, generation: request.generation)
      users?.release(at: end, after: request.result)
      progress?.add(latency: end - intendedStarts[request.number], request.result)
    }
    ended.removeAll(keepingCapacity: true)
  }

  private mutating func finish(
    _ number: Int, _ result: RequestResult, end: Int64, generation: Generation? = nil
  ) {
    if records[number] == nil { outstanding -= 1 }
    records[number] = RequestRecord(
      intendedStart: intendedStarts[number], actualStart: actualStarts[number], end: end,
      result: result, generation: generation)
  }

  /// Shows the stop rule what has ended, without gaps in the order of the intended starts.
  private mutating func judge() {
    guard stopRule != nil, isSending else { return }
    while judged < records.count, let record = records[judged] {
      stopRule?.append(record)
      judged += 1
    }
    if stopRule?.conclusion != .undecided { stoppedAt = now }
  }

  /// What had no answer when the window was given up is recorded as timed out, with the time limit
  /// as its latency: it would have taken no less for anyone who waited.
  private mutating func abandonOutstanding() {
    wire.abandonAll()
    for number in records.indices where records[number] == nil {
      let limit = intendedStarts[number] + window.timeout.wholeNanoseconds
      finish(number, .timedOut, end: max(limit, actualStarts[number]))
    }
  }

  private mutating func parseAnswers(expecting expectation: ResponseExpectation) {
    for (number, body) in wire.bodiesKept where !expectation.acceptsParsed(body) {
      if let end = records[number]?.end { finish(number, .wrongContent, end: end) }
    }
  }
}
