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
    progress: @escaping @Sendable (StressEvent) -> Void = { _ in }
  ) async throws -> Outcome where C.Duration == Duration {
    try await examine(candidate: candidate, plan: plan, clock: clock, progress: progress).outcome
  }

  /// The same, with all that the generator knows beside the outcome.
  package static func examine<C: Clock>(
    candidate: Candidate, plan: StressPlan, clock: C,
    progress: @escaping @Sendable (StressEvent) -> Void = { _ in }
  ) async throws -> StressResult where C.Duration == Duration {
    let watch = CandidateWatch(candidate: candidate, plan: plan, clock: clock)
    var record = TestRecord(aim: plan.aim)
    let outcome: Outcome
    do {
      outcome = .measured(try await measure(watch, into: &record, progress: progress))
    } catch let failure as CandidateFailure {
      try Task.checkCancellation()
      outcome = .infeasible(await failure.infeasibility(of: candidate))
    }
    record.usage = await candidate.usage()
    return StressResult(outcome, record)
  }

  private static func measure<C: Clock>(
    _ watch: CandidateWatch<C>, into record: inout TestRecord,
    progress: @escaping @Sendable (StressEvent) -> Void
  ) async throws -> Measurement where C.Duration == Duration {
    let start = watch.clock.now
    progress(.waitingUntilReady)
    try await watch.untilReady(since: start)
    let firstAnswer = try await watch.firstAnswer(since: start)
    progress(.answered(after: start.duration(to: watch.clock.now)))
    let startRate = try await warmUp(
      watch, firstAnswer: firstAnswer, into: &record, progress: progress)
    let result: CapacityResult
    do {
      result = try await load(watch, startRate: startRate, into: &record, progress: progress)
    } catch var failure as CandidateFailure {
      failure.measurement = Measurement(values: [:], loadSteps: record.windows.map(\.summary.step))
      if watch.plan.aim != .capacity { record.reported = record.windows }
      throw failure
    }
    progress(.finished(result))
    let report = MeasurementReport(
      plan: watch.plan, windows: record.windows, usage: await watch.candidate.usage())
    record.reported = report.reported(of: result)
    return try report.measurement(of: result)
  }

  /// Loads the candidate at half of what one request at a time would give.
  /// - Returns: a rate for the search to start from.
  private static func warmUp<C: Clock>(
    _ watch: CandidateWatch<C>, firstAnswer: Duration, into record: inout TestRecord,
    progress: @escaping @Sendable (StressEvent) -> Void
  ) async throws -> Rate where C.Duration == Duration {
    let plan = watch.plan
    guard plan.warmUp > .zero else { return plan.clamped(serialRate(firstAnswer)) }
    let rate = plan.clamped(serialRate(firstAnswer) * 0.5)
    progress(.warmingUp(rate))
    var window = plan.window(rate: rate, duration: plan.warmUp, ordinal: 0)
    if case .given(.users(let count, _)) = plan.aim {
      window = LoadWindow(users: count, duration: plan.warmUp, timeout: plan.timeout)
    }
    let recording = try await watch.send(window)
    record.warmUp = plan.warmUp
    record.generatorCPU += recording.generatorCPU
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

  private static func load<C: Clock>(
    _ watch: CandidateWatch<C>, startRate: Rate, into record: inout TestRecord,
    progress: @escaping @Sendable (StressEvent) -> Void
  ) async throws -> CapacityResult where C.Duration == Duration {
    if case .given(let load) = watch.plan.aim {
      return try await offer(load, watch, into: &record, progress: progress)
    }
    if case .load(let rate, let duration) = watch.plan.aim {
      let probe = LoadProbe(rate: rate, duration: duration, purpose: .judge)
      let summary = try await measured(probe, watch, into: &record, progress: progress)
      if summary.quality.wasGeneratorBottleneck { return .generatorBound(rate) }
      return summary.step.holds ? .carried(rate) : .nothingHolds(lowest: summary.step)
    }
    var search = CapacitySearch(plan: watch.plan, startRate: startRate)
    var seen: CapacitySearch.Observation?
    while true {
      switch search.next(after: seen) {
      case .finished(let result): return result
      case .probe(let probe):
        seen = CapacitySearch.Observation(
          try await measured(probe, watch, into: &record, progress: progress))
      }
    }
  }

  private static func measured<C: Clock>(
    _ probe: LoadProbe, _ watch: CandidateWatch<C>, into record: inout TestRecord,
    progress: @escaping @Sendable (StressEvent) -> Void
  ) async throws -> LoadStepSummary where C.Duration == Duration {
    progress(.offering(probe))
    let window = try await measure(
      probe, ordinal: record.windows.count + 1, watch, progress: progress)
    record.windows.append(window)
    record.generatorCPU += window.summary.generatorCPU
    progress(.measured(window.summary.step))
    if window.leavesDoubt { try await watch.settle() }
    return window.summary
  }

  private static func measure<C: Clock>(
    _ probe: LoadProbe, ordinal: Int, _ watch: CandidateWatch<C>,
    progress: @escaping @Sendable (StressEvent) -> Void
  ) async throws -> MeasuredWindow where C.Duration == Duration {
    let plan = watch.plan
    var window = plan.window(for: probe, ordinal: ordinal)
    window.onProgress = { progress(.sending($0)) }
    let before = await watch.candidate.cpuByNow()
    let recording = try await watch.send(window)
    let after = await watch.candidate.cpuByNow()
    let summary = LoadStepSummary(recording, of: window, rate: probe.rate, limits: plan.limits)
    return MeasuredWindow(
      probe: probe, summary: summary,
      successes: recording.requests.count { $0.result == .success },
      cpu: after.flatMap { end in before.map { end - $0 } })
  }
}
