import Glibc
import Tuning

/// Turns the windows of a search into what a trial reports.
struct MeasurementReport {
  let plan: StressPlan
  let windows: [MeasuredWindow]
  let usage: Candidate.Usage

  /// - Throws: a `CandidateFailure` when not even the lowest load held.
  func measurement(of result: CapacityResult) throws -> Measurement {
    switch result {
    case .found(let capacity):
      return measurement(at: capacity)
    case .atLeast(let rate):
      return measurementAbove(rate)
    case .below(let rate):
      return measurementBelow(rate)
    case .carried, .generatorBound:
      return measurementOfLoad
    case .nothingHolds(let lowest):
      throw failure(at: lowest)
    }
  }

  /// The windows whose numbers are given.
  func reported(of result: CapacityResult) -> [MeasuredWindow] {
    switch result {
    case .found(let capacity): held(at: capacity.greatestHeld)
    case .atLeast(let rate): held(at: rate)
    case .below, .carried, .generatorBound: windows
    case .nothingHolds(let lowest): windows.filter { $0.summary.step == lowest }
    }
  }

  private func held(at rate: Rate) -> [MeasuredWindow] {
    windows.filter { $0.probe.rate == rate && $0.summary.step.holds }
  }

  private func measurement(at capacity: Capacity) -> Measurement {
    let held = held(at: capacity.greatestHeld)
    var values = values(of: held)
    values[.throughput] = capacity.rate.perSecond
    var intervals = intervals(of: held)
    intervals[.throughput] = capacity.interval
    var doubts = doubts(about: held)
    if !capacity.isConfirmed { doubts.append("only one window was near the greatest rate") }
    let width = capacity.interval.upper / max(capacity.interval.lower, 1e-9)
    if width > (1 + 2 * plan.tolerance) * (1 + 2 * plan.tolerance) {
      doubts.append(
        "the greatest rate is known no better than from "
          + "\(LoadLimits.short(capacity.interval.lower)) to "
          + "\(LoadLimits.short(capacity.interval.upper)) requests per second: more time helps")
    }
    return Measurement(
      values: values, intervals: intervals, noise: Self.noise(of: intervals),
      loadSteps: windows.map(\.summary.step), verdict: verdict(on: held, doubts))
  }

  private func measurementAbove(_ rate: Rate) -> Measurement {
    let held = held(at: rate)
    var values = values(of: held)
    values[.throughput] = rate.perSecond
    let isGenerators = windows.contains { $0.summary.quality.wasGeneratorBottleneck }
    let sentence =
      "even \(LoadLimits.short(rate.perSecond)) requests per second held, the most that "
      + (isGenerators ? "the generator can offer" : "may be offered")
      + ": the capacity is greater"
    return Measurement(
      values: values, intervals: intervals(of: held), censored: [.throughput: .atLeast],
      loadSteps: windows.map(\.summary.step),
      verdict: verdict(on: held, doubts(about: held) + [sentence]))
  }

  /// Half the logarithm of each interval's ends' ratio, over how many standard deviations that is.
  private static func noise(of intervals: [Metric: Interval]) -> [Metric: Double] {
    intervals.filter { $0.value.lower > 0 && $0.value.upper >= $0.value.lower }
      .mapValues { log($0.upper / $0.lower) / 2 / normalQuantile }
  }

  /// Of the standard normal distribution, at the end of a central 90 % interval.
  private static let normalQuantile = 1.645

  /// The latencies at a load that is too great say nothing of the one that it sustains. How many
  /// answers a saturated candidate gave is as much as it can.
  private func measurementBelow(_ rate: Rate) -> Measurement {
    var values = values(of: windows)
    for metric in Metric.latencies + Metric.generationTimes { values[metric] = nil }
    let answered = windows.filter(\.summary.isSaturated)
      .map { Rate(perSecond: $0.summary.step.achievedRate) }.max()
    let rate = min(rate, answered ?? rate)
    values[.throughput] = rate.perSecond
    let sentence =
      "cut early: it doesn't sustain \(LoadLimits.short(rate.perSecond)) requests per second; "
      + "its throughput is an upper bound"
    return Measurement(
      values: values, intervals: [.throughput: Interval(lower: 0, upper: rate.perSecond)],
      censored: [.throughput: .atMost], loadSteps: windows.map(\.summary.step),
      verdict: .doubtful([sentence]))
  }

  /// What the one load did that was asked for.
  private var measurementOfLoad: Measurement {
    var values = values(of: windows)
    let steps = windows.map(\.summary.step)
    let seconds = steps.reduce(0) { $0 + $1.seconds }
    values[.throughput] =
      seconds > 0 ? steps.reduce(0) { $0 + $1.achievedRate * $1.seconds } / seconds : nil
    let intervals = intervals(of: windows)
    return Measurement(
      values: values, intervals: intervals, noise: Self.noise(of: intervals),
      loadSteps: windows.map(\.summary.step),
      verdict: verdict(on: windows, doubts(about: windows)))
  }

  private func failure(at lowest: LoadStep) -> CandidateFailure {
    let broken = reported(of: .nothingHolds(lowest: lowest))
    let measurement = Measurement(
      values: values(of: broken), loadSteps: windows.map(\.summary.step),
      verdict: verdict(on: broken, doubts(about: broken)))
    let wrong = RequestResult.allCases.filter(\.isWrongAnswer)
      .reduce(0) { $0 + (lowest.errors[$1.rawValue] ?? 0) }
    let reason: Infeasibility.Reason =
      2 * wrong > lowest.requests ? .wrongAnswers : .constraintBroken
    let breach = plan.limits.breach(in: lowest) ?? "it was saturated"
    return CandidateFailure(
      reason, .loaded,
      "at \(LoadLimits.short(lowest.offeredRate)) requests per second \(breach)",
      measurement: measurement)
  }
}

// MARK: - Metrics

extension MeasurementReport {
  /// Latencies and CPU at the given windows, averaged by their requests; memory over all.
  private func values(of chosen: [MeasuredWindow]) -> [Metric: Double] {
    let steps = chosen.map(\.summary.step)
    var values: [Metric: Double] = [:]
    for metric in Metric.latencies + [.errorRate] {
      values[metric] = mean(of: steps) { $0.latency(metric) ?? $0.errorRate }
    }
    for metric in [.goodput] + Metric.reportedOfGeneration {
      let known = steps.filter { $0.number(metric) != nil }
      values[metric] = mean(of: known) { $0.number(metric) ?? 0 }
    }
    values[.memory] = usage.memoryPeak?.gibibytes
    let cpu = chosen.compactMap { $0.cpu?.milliseconds }
    let successes = chosen.reduce(0) { $0 + $1.successes }
    if !cpu.isEmpty, cpu.count == chosen.count, successes > 0 {
      values[.cpuPerRequest] = cpu.reduce(0, +) / Double(successes)
    }
    return values
  }

  private func intervals(of chosen: [MeasuredWindow]) -> [Metric: Interval] {
    let known = chosen.compactMap(\.summary.step.latencyP99Interval)
    guard let lower = known.map(\.lower).min(), let upper = known.map(\.upper).max() else {
      return [:]
    }
    return [.latencyP99: Interval(lower: lower, upper: upper)]
  }

  private func mean(of steps: [LoadStep], _ value: (LoadStep) -> Double) -> Double? {
    let requests = steps.reduce(0) { $0 + $1.requests }
    guard requests > 0 else { return nil }
    return steps.reduce(0) { $0 + value($1) * Double($1.requests) } / Double(requests)
  }
}
