import Tuning

/// A candidate under observation: every wait notices promptly that it died.
struct CandidateWatch<C: Clock>: Sendable where C.Duration == Duration {
  let candidate: Candidate
  let plan: StressPlan
  let clock: C

  /// Throws when the candidate ended or the kernel killed one of its processes for want of memory,
  /// even if the server lives on: its limit is too small for what it does.
  @discardableResult
  func checkAlive(_ phase: Infeasibility.Phase) async throws -> Candidate.State {
    try Task.checkCancellation()
    let state = await candidate.state()
    let kills = await candidate.usage().outOfMemoryKills ?? 0
    if kills > 0 {
      let processes = kills == 1 ? "one of its processes" : "\(kills) of its processes"
      let ending = if case .ended(let how) = state { "; it ended with \(how)" } else { "" }
      throw CandidateFailure(
        .outOfMemory, phase, "the kernel killed \(processes) for want of memory\(ending)")
    }
    if case .ended(let how) = state {
      throw CandidateFailure(.exited, phase, "the server ended by itself with \(how)")
    }
    return state
  }

  /// Returns when the readiness probe succeeds.
  func untilReady(since start: C.Instant) async throws {
    var interval = plan.pollInterval
    while true {
      if try await checkAlive(.starting) == .ready { return }
      let left = plan.readinessDeadline - start.duration(to: clock.now)
      guard left > .zero else {
        throw CandidateFailure(
          .neverReady, .starting,
          "it wasn't ready \(LoadLimits.short(plan.readinessDeadline.seconds)) s after its start")
      }
      try await clock.sleep(for: min(interval, left))
      interval = min(interval * 2, plan.pollInterval * 10)
    }
  }

  /// The latency of the first right answer. Readiness alone is no proof that a server serves.
  func firstAnswer(since start: C.Instant) async throws -> Duration {
    var last = RequestResult.timedOut
    for attempt in 0..<Self.firstTries {
      let left = plan.readinessDeadline - start.duration(to: clock.now)
      if attempt > 0 {
        guard left > .zero else { break }
        try await clock.sleep(for: min(plan.pollInterval * (1 << attempt), left))
      }
      let asked = clock.now
      last = await candidate.endpoint.sendOne(max(plan.timeout, Self.firstTimeout))
      try await checkAlive(.starting)
      if last == .success { return asked.duration(to: clock.now) }
    }
    let reason: Infeasibility.Reason = last.isWrongAnswer ? .wrongAnswers : .neverReady
    throw CandidateFailure(
      reason, .starting,
      "it was ready, but its first request got no right answer: \(last.rawValue)"
        + (candidate.endpoint.complaint().map { " (\($0))" } ?? ""))
  }

  private static var firstTries: Int { 4 }
  /// A model may be loaded by the first request.
  private static var firstTimeout: Duration { .seconds(10) }

  /// Sends a window of load, and gives up at once when the candidate dies in it.
  func send(_ window: LoadWindow) async throws -> LoadRecording {
    let recording: LoadRecording?
    do {
      recording = try await sendWatched(window)
    } catch let error where !(error is CandidateFailure) {
      try await checkAlive(.loaded)
      throw error
    }
    try await checkAlive(.loaded)
    guard let recording else { throw CancellationError() }
    return recording
  }

  private func sendWatched(_ window: LoadWindow) async throws -> LoadRecording? {
    try await withThrowingTaskGroup(of: LoadRecording?.self) { group in
      group.addTask { try await candidate.endpoint.send(window) }
      group.addTask {
        while true {
          try await clock.sleep(for: plan.pollInterval)
          try await checkAlive(.loaded)
        }
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// After requests were given up: waits until the candidate answers again, a few time-outs long.
  /// A candidate that answers nothing any more hangs.
  func settle() async throws {
    var last = RequestResult.timedOut
    for attempt in 0..<Self.settlingTries {
      if attempt > 0 { try await clock.sleep(for: plan.pollInterval * (1 << attempt)) }
      last = await candidate.endpoint.sendOne(plan.timeout)
      try await checkAlive(.loaded)
      if last == .success { return }
    }
    guard last.isWrongAnswer else {
      throw CandidateFailure(
        .hung, .loaded,
        "it answered none of \(Self.settlingTries) single requests after a load: \(last.rawValue)")
    }
    throw CandidateFailure(
      .wrongAnswers, .loaded, "after a load it answers single requests wrongly: \(last.rawValue)")
  }

  private static var settlingTries: Int { 3 }
}
