import CCurl
import Glibc
import StressTest
import Tuning

/// The loop that sends one window.
///
/// Open loop: a request is sent when it is due, whatever became of those before it. Arrivals come
/// from an absolute timer; libcurl's own time-outs need no more than its milliseconds.
struct WindowRun: ~Copyable {
  /// How long answers are still waited for once the window was cut short, in nanoseconds.
  private static let graceAfterCut: Int64 = 1_000_000_000
  /// How many answers are parsed whole after the window.
  private static let parsedMax = 8

  private let session: LoadSession
  private let window: LoadWindow
  private let start = MonotonicClock.now()
  private var actualStarts: [Int64] = []
  /// The records of those that have ended; as many as `actualStarts`.
  private var records: [RequestRecord?] = []
  private var outstanding: [Int: Transfer] = [:]
  /// When the window was cut short, in nanoseconds after its start.
  private var cutAt: Int64?
  private var stopRule: StopRule?
  /// How many records the stop rule has seen.
  private var judged = 0
  /// When the stop rule ended the window, in nanoseconds after its start.
  private var stoppedAt: Int64?
  private var answersToParse: [(position: Int, body: [UInt8])] = []

  init(_ window: LoadWindow, over session: LoadSession) {
    self.session = session
    stopRule = window.stopRule
    self.window = window
    actualStarts.reserveCapacity(window.intendedStarts.count)
    records.reserveCapacity(window.intendedStarts.count)
    session.keepConnections(max(window.outstandingMax, 16))
  }

  /// Blocks the calling thread until every request has ended; nil when it was cancelled.
  consuming func recording(target: HTTPTarget, isCancelled: () -> Bool) -> LoadRecording? {
    let cpuBefore = MonotonicClock.threadCPU()
    while !isCancelled() {
      drive()
      judge()
      if sendDue() { drive() }
      guard let wakeUp = nextWakeUp() else { break }
      wait(until: wakeUp)
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

// MARK: - Steps

extension WindowRun {
  private var now: Int64 { MonotonicClock.now() - start }

  /// Sends all requests that are due; false when none was.
  private mutating func sendDue() -> Bool {
    let sentBefore = actualStarts.count
    while isSending {
      let now = now
      guard window.intendedStarts[actualStarts.count] <= now else { break }
      if outstanding.count >= window.outstandingMax {
        cutAt = now
      } else {
        sendNext(at: now)
      }
    }
    return actualStarts.count > sentBefore
  }

  private var isSending: Bool {
    cutAt == nil && stoppedAt == nil && actualStarts.count < window.intendedStarts.count
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

  private mutating func sendNext(at now: Int64) {
    let position = actualStarts.count
    actualStarts.append(now)
    records.append(nil)
    guard let transfer = session.idleTransfer() else {
      return finish(position, .otherFailure)
    }
    transfer.position = position
    transfer.prepare(timeout: window.timeout)
    if curl_multi_add_handle(session.multi, transfer.handle) == CURLM_OK {
      outstanding[position] = transfer
    } else {
      session.retire(transfer)
      finish(position, .otherFailure)
    }
  }

  /// Lets libcurl send and receive what it can, and records the answers that are complete.
  private mutating func drive() {
    var count: Int32 = 0
    curl_multi_perform(session.multi, &count)
    while let message = curl_multi_info_read(session.multi, &count) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      // Removing the handle frees the message.
      let code = ccurl_message_result(message)
      var context: UnsafeMutableRawPointer?
      ccurl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      complete(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code)
    }
  }

  private mutating func complete(_ transfer: Transfer, _ code: CURLcode) {
    let result = transfer.result(of: code)
    finish(transfer.position, result)
    if result == .success, answersToParse.count < Self.parsedMax {
      answersToParse.append((transfer.position, transfer.body))
    }
    outstanding[transfer.position] = nil
    session.retire(transfer)
  }

  private mutating func finish(_ position: Int, _ result: RequestResult, end: Int64? = nil) {
    records[position] = RequestRecord(
      intendedStart: window.intendedStarts[position], actualStart: actualStarts[position],
      end: end ?? now, result: result)
  }

  /// The next instant at which there is something to do besides what libcurl waits for, in
  /// nanoseconds after the start; nil when all is done.
  private func nextWakeUp() -> Int64? {
    if isSending {
      return window.intendedStarts[actualStarts.count]
    }
    if outstanding.isEmpty { return nil }
    guard let cutAt else { return .max }
    let deadline = cutAt + min(Self.graceAfterCut, window.timeout.wholeNanoseconds)
    return now < deadline ? deadline : nil
  }

  private func wait(until instant: Int64) {
    if instant != .max { session.timer.set(to: start + instant) }
    var arrival = curl_waitfd(
      fd: session.timer.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    curl_multi_poll(session.multi, &arrival, 1, 1_000, nil)
    session.timer.clear()
  }

  /// What had no answer when the window was given up is recorded as timed out, with the time limit
  /// as its latency: it would have taken no less for anyone who waited.
  private mutating func abandonOutstanding() {
    for (position, transfer) in outstanding {
      session.retire(transfer)
      let limit = window.intendedStarts[position] + window.timeout.wholeNanoseconds
      finish(position, .timedOut, end: max(limit, actualStarts[position]))
    }
    outstanding.removeAll()
  }

  private mutating func parseAnswers(expecting expectation: ResponseExpectation) {
    for (position, body) in answersToParse where !expectation.acceptsParsed(body) {
      finish(position, .wrongContent, end: records[position]?.end)
    }
  }
}
