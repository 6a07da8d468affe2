package import Tuning

/// The whole procedure of a trial on a started candidate: wait until it is ready, ask it one
/// question, warm it up, find the greatest rate that it sustains, and say what was measured or why
/// it could not serve. It doesn't stop the candidate.
package enum CandidateTest {
  /// - Parameters:
  ///   - candidate: started, perhaps not ready.
  ///   - plan: how to test it.
  ///   - clock: the only source of time beside the recordings.
  ///   - progress: called in order, from one task at a time.
  /// - Throws: `CancellationError` when the task is cancelled; what `endpoint.send` throws when
  ///   the generator itself fails. A failing candidate is an outcome, not an error.
  package static func run<C: Clock>(
    candidate: Candidate, plan: StressPlan, clock: C,
    progress: @Sendable (StressEvent) -> Void = { _ in }
  ) async throws -> Outcome where C.Duration == Duration {
    let watch = CandidateWatch(candidate: candidate, plan: plan, clock: clock)
    do {
      return .measured(try await measure(watch, progress: progress))
    } catch let failure as CandidateFailure {
      try Task.checkCancellation()
      return .infeasible(await failure.infeasibility(of: candidate))
    }
  }

  private static func measure<C: Clock>(
    _ watch: CandidateWatch<C>, progress: @Sendable (StressEvent) -> Void
  ) async throws -> Measurement where C.Duration == Duration {
    let start = watch.clock.now
    progress(.waitingUntilReady)
    try await watch.untilReady(since: start)
    let firstAnswer = try await watch.firstAnswer(since: start)
    progress(.answered(after: start.duration(to: watch.clock.now)))
    let startRate = try await warmUp(watch, firstAnswer: firstAnswer, progress: progress)
    let (result, windows) = try await search(watch, startRate: startRate, progress: progress)
    progress(.finished(result))
    let report = MeasurementReport(
      plan: watch.plan, windows: windows, usage: await watch.candidate.usage())
    return try report.measurement(of: result)
  }

  /// Loads the candidate at half of what one request at a time would give.
  /// - Returns: a rate for the search to start from.
  private static func warmUp<C: Clock>(
    _ watch: CandidateWatch<C>, firstAnswer: Duration, progress: @Sendable (StressEvent) -> Void
  ) async throws -> Rate where C.Duration == Duration {
    let plan = watch.plan
    guard plan.warmUp > .zero else { return plan.clamped(serialRate(firstAnswer)) }
    let rate = plan.clamped(serialRate(firstAnswer) * 0.5)
    progress(.warmingUp(rate))
    let window = plan.window(rate: rate, duration: plan.warmUp, ordinal: 0)
    let recording = try await watch.send(window)
    let latencies = recording.requests.filter { $0.result == .success }.map(\.milliseconds)
    guard !latencies.isEmpty else {
      if !recording.requests.isEmpty { try await watch.settle() }
      return plan.clamped(rate)
    }
    let typical = OrderedValues(latencies).quantile(0.5)
    return plan.clamped(serialRate(.microseconds(Int64(typical * 1_000))))
  }

  /// The rate of a client that asks again as soon as it is answered.
  private static func serialRate(_ latency: Duration) -> Rate {
    Rate(perSecond: 1 / max(latency.seconds, 1e-4))
  }

  private static func search<C: Clock>(
    _ watch: CandidateWatch<C>, startRate: Rate, progress: @Sendable (StressEvent) -> Void
  ) async throws -> (CapacityResult, [MeasuredWindow]) where C.Duration == Duration {
    var windows: [MeasuredWindow] = []
    do {
      let result = try await search(watch, startRate: startRate, into: &windows, progress: progress)
      return (result, windows)
    } catch var failure as CandidateFailure {
      failure.measurement = Measurement(values: [:], loadSteps: windows.map(\.summary.step))
      throw failure
    }
  }

  private static func search<C: Clock>(
    _ watch: CandidateWatch<C>, startRate: Rate, into windows: inout [MeasuredWindow],
    progress: @Sendable (StressEvent) -> Void
  ) async throws -> CapacityResult where C.Duration == Duration {
    var search = CapacitySearch(plan: watch.plan, startRate: startRate)
    var step: LoadStep?
    while true {
      switch search.next(after: step) {
      case .finished(let result):
        return result
      case .probe(let probe):
        progress(.offering(probe))
        let window = try await measure(probe, ordinal: windows.count + 1, watch)
        windows.append(window)
        progress(.measured(window.summary.step))
        if window.leavesDoubt { try await watch.settle() }
        step = window.summary.step
      }
    }
  }

  private static func measure<C: Clock>(
    _ probe: LoadProbe, ordinal: Int, _ watch: CandidateWatch<C>
  ) async throws -> MeasuredWindow where C.Duration == Duration {
    let plan = watch.plan
    let window = plan.window(rate: probe.rate, duration: probe.duration, ordinal: ordinal)
    let before = await watch.candidate.usage()
    let recording = try await watch.send(window)
    let after = await watch.candidate.usage()
    let summary = LoadStepSummary(recording, of: window, rate: probe.rate, limits: plan.limits)
    return MeasuredWindow(
      probe: probe, summary: summary,
      successes: recording.requests.count { $0.result == .success },
      cpu: after.cpu.flatMap { end in before.cpu.map { end - $0 } })
  }
}

/// A window of the search and what was seen in it.
struct MeasuredWindow: Sendable {
  let probe: LoadProbe
  let summary: LoadStepSummary
  /// Right answers, those in the warm-up included.
  let successes: Int
  /// CPU time that the candidate spent in the window; nil where the platform can't tell.
  let cpu: Duration?

  /// Whether the candidate may still be busy with requests that were given up, or hang.
  var leavesDoubt: Bool {
    summary.step.errors[RequestResult.timedOut.rawValue] != nil
      || summary.step.errorRate > 0.5
  }
}
