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
      var measurement = measurement(
        at: Capacity(rate: rate, greatestHeld: rate, leastFailed: nil, isConfirmed: true),
        caveat: "even \(LoadLimits.short(rate.perSecond)) requests per second held, the most that "
          + "may be offered: the capacity is greater")
      measurement.censored[.throughput] = .atLeast
      return measurement
    case .below(let rate):
      return measurementBelow(rate)
    case .carried:
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
    case .below, .carried: windows
    case .nothingHolds(let lowest): windows.filter { $0.summary.step == lowest }
    }
  }

  private func held(at rate: Rate) -> [MeasuredWindow] {
    windows.filter { $0.probe.rate == rate && $0.summary.step.holds }
  }

  private func measurement(at capacity: Capacity, caveat: String? = nil) -> Measurement {
    let held = held(at: capacity.greatestHeld)
    var values = values(of: held)
    values[.throughput] = capacity.rate.perSecond
    var intervals = intervals(of: held)
    intervals[.throughput] = capacity.leastFailed.map {
      Interval(lower: capacity.greatestHeld.perSecond, upper: $0.perSecond)
    }
    var doubts = doubts(about: held)
    if let caveat { doubts.append(caveat) }
    if !capacity.isConfirmed { doubts.append("the greatest rate held in one window only") }
    return Measurement(
      values: values, intervals: intervals, noise: Self.noise(of: intervals),
      loadSteps: windows.map(\.summary.step),
      verdict: doubts.isEmpty ? .sound : .doubtful(doubts))
  }

  /// Half the logarithm of each interval's ends' ratio, over how many standard deviations that is.
  private static func noise(of intervals: [Metric: Interval]) -> [Metric: Double] {
    intervals.filter { $0.value.lower > 0 && $0.value.upper >= $0.value.lower }
      .mapValues { log($0.upper / $0.lower) / 2 / normalQuantile }
  }

  /// Of the standard normal distribution, at the end of a central 90 % interval.
  private static let normalQuantile = 1.645

  private func measurementBelow(_ rate: Rate) -> Measurement {
    var values = values(of: windows)
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
      verdict: verdict(on: windows))
  }

  private func failure(at lowest: LoadStep) -> CandidateFailure {
    let broken = reported(of: .nothingHolds(lowest: lowest))
    let measurement = Measurement(
      values: values(of: broken), loadSteps: windows.map(\.summary.step),
      verdict: verdict(on: broken))
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

// MARK: - Verdict on the measurement itself

extension MeasurementReport {
  private static let generatorUtilizationMax = 0.7
  private static let littleDisagreementMax = 0.2
  private static let requestsMin = 100

  private func verdict(on chosen: [MeasuredWindow]) -> Measurement.Verdict {
    let doubts = doubts(about: chosen)
    return doubts.isEmpty ? .sound : .doubtful(doubts)
  }

  /// Reasons, as sentences, to take the given windows with care.
  private func doubts(about chosen: [MeasuredWindow]) -> [String] {
    var doubts: [String] = []
    let steps = chosen.map(\.summary.step)
    let lag = steps.map(\.scheduleLagP99).max() ?? 0
    let lagMax = max(0.1 * (plan.limits.latencyMax ?? 100), 1)
    if lag > lagMax {
      doubts.append(
        "the generator sent 1 % of the requests more than \(LoadLimits.short(lag)) ms late")
    }
    let utilization = chosen.map(\.summary.generatorUtilization).max() ?? 0
    if utilization > Self.generatorUtilizationMax {
      doubts.append(
        "the generator used \(LoadLimits.short(utilization * 100)) % of a core: it may have been "
          + "the bottleneck")
    }
    if chosen.contains(where: { $0.summary.littleDisagreement > Self.littleDisagreementMax }) {
      doubts.append("the requests in flight disagree with Little's law: the load wasn't steady")
    }
    let requests = steps.reduce(0) { $0 + $1.requests }
    if requests < Self.requestsMin {
      doubts.append("\(requests) requests are too few for a 99th percentile")
    }
    return doubts
  }
}
