import Tuning

extension CandidateTest {
  /// Sends a given load in one window, and judges its parts.
  static func offer<C: Clock>(
    _ load: GivenLoad, _ watch: CandidateWatch<C>, into record: inout TestRecord,
    progress: @escaping @Sendable (StressEvent) -> Void
  ) async throws -> CapacityResult where C.Duration == Duration {
    var probe = LoadProbe(rate: load.meanRate, duration: load.duration, purpose: .judge)
    probe.users = load.users
    progress(.offering(probe))
    var window = load.window(of: watch.plan)
    window.onProgress = { progress(.sending($0)) }
    let before = await watch.candidate.cpuByNow()
    let recording = try await watch.send(window)
    let after = await watch.candidate.cpuByNow()
    let cpu = after.flatMap { end in before.map { end - $0 } }
    record.generatorCPU += recording.generatorCPU
    var broken: LoadStep?
    for part in load.parts {
      let requests = recording.part(part)
      guard !requests.requests.isEmpty else { continue }
      let measured = measured(requests, in: part, of: load, cpu: cpu, plan: watch.plan)
      record.windows.append(measured)
      progress(.measured(measured.summary.step))
      if broken == nil, !measured.summary.step.holds { broken = measured.summary.step }
    }
    guard let lowest = broken ?? (record.windows.isEmpty ? LoadStep.nothing : nil) else {
      return .carried(load.meanRate)
    }
    return .nothingHolds(lowest: lowest)
  }

  private static func measured(
    _ recording: LoadRecording, in part: Range<Double>, of load: GivenLoad, cpu: Duration?,
    plan: StressPlan
  ) -> MeasuredWindow {
    let seconds = part.upperBound - part.lowerBound
    let duration = Duration.nanoseconds(Int64(seconds * 1e9))
    let rate = Rate(perSecond: Double(recording.requests.count) / seconds)
    var window = LoadWindow(
      intendedStarts: recording.requests.map(\.intendedStart), duration: duration,
      timeout: plan.timeout, outstandingMax: .max)
    window.users = load.users
    return MeasuredWindow(
      probe: LoadProbe(rate: rate, duration: duration, purpose: .judge),
      summary: LoadStepSummary(recording, of: window, rate: rate, limits: plan.limits),
      successes: recording.requests.count { $0.result == .success },
      // Which part it was spent in isn't known.
      cpu: load.parts.count == 1 ? cpu : nil)
  }
}

extension LoadStep {
  /// Of a load in which nothing was sent.
  fileprivate static let nothing = LoadStep(
    offeredRate: Rate(perSecond: 0), achievedRate: Rate(perSecond: 0), duration: .zero,
    requests: 0, errors: [:],
    latencies: Latencies(mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0),
    latencyP99Interval: nil, scheduleLagP99: .zero, holds: false)
}
