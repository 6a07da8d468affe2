package import Tuning

/// What the recording of one window says: the load step, and how far to trust it.
package struct LoadStepSummary: Sendable {
  package let step: LoadStep
  /// For each of the limits' bounds on single requests.
  package let exceedances: [Exceedances]
  /// The part at the window's start that was left out, found in the data.
  package let warmUpSeconds: Double
  /// How long load was sent: shorter than asked for when the window was cut short.
  package let windowSeconds: Double
  /// How many requests say as much about a high quantile as one independent one.
  package let inflation: Double
  /// What the window's stop rule was certain of when it ended it, or what the window's being cut
  /// short says.
  package let conclusion: SequentialVerdict.Conclusion
  /// True when requests piled up, or so many that the window was cut short.
  package let isSaturated: Bool
  package let quality: WindowQuality
  /// CPU time that the generator spent in the window.
  package let generatorCPU: Duration
  /// Counted from the intended start, as in `step`.
  package let latencies: LatencyEstimates
  /// Counted from when requests were really sent.
  package let uncorrectedLatencies: LatencyEstimates
  package let scheduleLag: ScheduleLag
  /// Of answers that were generated; nil where none was.
  package let generation: GenerationEstimates?

  /// - Parameters:
  ///   - recording: all requests of the window.
  ///   - window: what was asked for.
  ///   - rate: the rate that the window was made for.
  ///   - limits: what must hold.
  package init(_ recording: LoadRecording, of window: LoadWindow, rate: Rate, limits: LoadLimits) {
    let part = SteadyPart(recording, of: window)
    let lag = part.scheduleLag
    let backlog = Backlog(latencies: recording.requests.map(\.milliseconds))
    // In a closed loop nothing can pile up: the candidate decides on the rate.
    let isOpen = window.users == nil
    isSaturated =
      isOpen && (recording.wasCutShort || backlog.isGrowing(over: part.windowSeconds))
    warmUpSeconds = part.start
    windowSeconds = part.windowSeconds
    let latencies = part.series(\.milliseconds)
    inflation = Double(part.requests.count) / Double(max(latencies.effectiveCount, 1))
    let growth = isOpen ? backlog.latencyGrowth : 0
    let stretch = 1 + growth / 1_000 / max(part.windowSeconds, 1e-9)
    var step = LoadStep(
      offeredRate: recording.wasCutShort
        ? rate : Rate(perSecond: Double(part.requests.count) / part.seconds),
      achievedRate: Rate(perSecond: Double(part.successes) / (part.seconds * stretch)),
      duration: .nanoseconds(Int64(part.seconds * 1e9)),
      requests: part.requests.count, errors: part.errors, latencies: latencies.quantiles,
      latencyP99Interval: latencies.ordered.interval(
        ofQuantile: 0.99, effectiveCount: latencies.effectiveCount),
      scheduleLagP99: .nanoseconds(Int64(lag.quantile(0.99))),
      holds: false)
    let generated = GenerationSeries(part.requests)
    step.generation = generated?.step(seconds: part.seconds * stretch)
    step.goodput = limits.goodput(of: part.requests)
    generation = generated.map { $0.estimates(seconds: part.seconds * stretch) }
    step.holds = !isSaturated && limits.hold(step)
    self.step = step
    exceedances = limits.requestBounds.map { Exceedances($0, in: part.requests) }
    conclusion =
      recording.wasCutShort
      ? .fails
      : recording.stoppedAfter == nil
        ? .undecided : exceedances.contains { $0.share > $0.bound.share } ? .fails : .holds
    let uncorrected = part.series { Double($0.end - $0.actualStart) * 1e-6 }.estimates
    quality = WindowQuality(
      effectiveRequests: latencies.effectiveCount, littleDisagreement: part.littleDisagreement,
      generatorUtilization: recording.generatorCPU.seconds / max(part.spanSeconds, 1e-9),
      scheduleLagP99: step.scheduleLagP99,
      drift: WindowQuality.drift(of: part.requests.map(\.milliseconds)),
      lagEffect: LagEffect(
        latencies.estimates, uncorrected: uncorrected, lagP99: step.scheduleLagP99,
        limits: limits))
    generatorCPU = recording.generatorCPU
    self.latencies = latencies.estimates
    uncorrectedLatencies = uncorrected
    scheduleLag = ScheduleLag(nanoseconds: lag)
  }
}

extension RequestRecord {
  var milliseconds: Double { Double(latency) * 1e-6 }
}
