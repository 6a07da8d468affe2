/// What load is sent to: a struct of closures, live over HTTP or simulated in memory.
package struct Endpoint: Sendable {
  /// Sends one request and says how it was answered.
  package var sendOne: @Sendable (_ timeout: Duration) async -> RequestResult
  /// Sends every request of the window at its intended time, whatever became of those before it,
  /// and returns when each has an answer, has failed or timed out. Throws `CancellationError`
  /// promptly when its task is cancelled: that is how a window ends early when the candidate dies.
  package var send: @Sendable (LoadWindow) async throws -> LoadRecording
  /// What the server said of the last request that it refused; nil where it said nothing.
  package var complaint: @Sendable () -> String? = { nil }

  package init(
    sendOne: @escaping @Sendable (_ timeout: Duration) async -> RequestResult,
    send: @escaping @Sendable (LoadWindow) async throws -> LoadRecording
  ) {
    self.sendOne = sendOne
    self.send = send
  }
}

/// An offered load for a stretch of time: when each request is due.
package struct LoadWindow: Sendable {
  /// When requests are due, in nanoseconds after the window's start; rising. Empty in a closed
  /// loop.
  package let intendedStarts: [Int64]
  /// Closed loop: so many users, each of which sends its next request as soon as it has the answer
  /// to the one before. Nil for an open loop.
  package var users: Int?
  /// How long requests are due.
  package let duration: Duration
  /// A request without an answer by then has failed. One that couldn't even be sent by then, after it was
  /// due, cuts an open loop short.
  package let timeout: Duration
  /// When so many requests wait for an answer, the window is cut short: the candidate is
  /// saturated beyond doubt and more load would only prolong the test.
  package let outstandingMax: Int
  /// The part at its start that fills the candidate's queue and doesn't count.
  package var leadIn = Duration.zero
  /// Decides on what varies from one request to the next.
  package var seed: UInt64 = 0
  /// Told a few times a second how it goes; called from the thread that sends.
  package var onProgress: (@Sendable (WindowProgress) -> Void)?
  /// When the window ends before its time; nil for never.
  package var stopRule: StopRule?

  package init(
    intendedStarts: [Int64], duration: Duration, timeout: Duration, outstandingMax: Int
  ) {
    self.intendedStarts = intendedStarts
    self.duration = duration
    self.timeout = timeout
    self.outstandingMax = outstandingMax
  }

  /// A closed loop.
  package init(users: Int, duration: Duration, timeout: Duration) {
    self.init(
      intendedStarts: [], duration: duration, timeout: timeout, outstandingMax: users)
    self.users = users
  }
}

/// What became of the requests of a window.
package struct LoadRecording: Sendable {
  /// One for each request that was sent, in the order of their intended starts.
  package let requests: [RequestRecord]
  /// True when `outstandingMax` was reached and the rest of the window was left out.
  package let wasCutShort: Bool
  /// When the window's stop rule ended it; nil where it didn't.
  package let stoppedAfter: Duration?
  /// CPU time that the generator itself spent.
  package let generatorCPU: Duration

  package init(
    requests: [RequestRecord], wasCutShort: Bool, stoppedAfter: Duration? = nil,
    generatorCPU: Duration
  ) {
    self.requests = requests
    self.wasCutShort = wasCutShort
    self.stoppedAfter = stoppedAfter
    self.generatorCPU = generatorCPU
  }
}

/// One request: all times in nanoseconds after the window's start.
package struct RequestRecord: Hashable, Sendable {
  package let intendedStart: Int64
  package let actualStart: Int64
  package let end: Int64
  package let result: RequestResult
  /// Of a right answer that was generated.
  package let generation: Generation?

  package init(
    intendedStart: Int64, actualStart: Int64, end: Int64, result: RequestResult,
    generation: Generation? = nil
  ) {
    self.intendedStart = intendedStart
    self.actualStart = actualStart
    self.end = end
    self.result = result
    self.generation = generation
  }

  /// From the intended start, so that a stalled candidate can't hide its stall.
  package var latency: Int64 { end - intendedStart }
  /// How late the generator sent it.
  package var scheduleLag: Int64 { actualStart - intendedStart }
}
