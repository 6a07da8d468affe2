import Glibc
import Tuning

extension StressResult {
  /// What a container's termination message may hold (Kubernetes, *Determine the Reason for Pod
  /// Failure*).
  package static let compactBytesMax = 4_096

  /// The result as one line of JSON of at most `compactBytesMax` bytes, whatever is in it.
  ///
  /// What survives: the kind of the outcome, its reason and phase, and every metric of a stress
  /// test with its interval, all numbers to five significant digits; of the texts the beginnings;
  /// of the load steps as many as there is room for. The steps with the fewest requests go first,
  /// the two that bracket the capacity last. Read back and written again, it is the same line.
  package func compact() throws -> String {
    var reduced = brief
    while true {
      let text = try reduced.encoded(asRows: true)
      if text.utf8.count <= Self.compactBytesMax { return text }
      guard let step = reduced.leastInformativeStep else { return text }
      reduced.outcome.measurement?.loadSteps.remove(at: step)
    }
  }

  /// Reads what `compact()` wrote.
  package init(compact text: String) throws(StressResultError) { try self.init(json: text) }

  /// The index of the step that is missed the least; nil where there is none.
  private var leastInformativeStep: Int? {
    let held = steps.filter(\.holds).map(\.offeredRate).max()
    let failed = steps.filter { !$0.holds && $0.offeredRate > held ?? 0 }.map(\.offeredRate).min()
    return steps.indices.min { left, right in
      let isEdge = { (index: Int) in [held, failed].contains(steps[index].offeredRate) }
      if isEdge(left) != isEdge(right) { return isEdge(right) }
      return steps[left].requests < steps[right].requests
    }
  }
}

// MARK: - Shorter

extension StressResult {
  private static let reasonsMax = 3
  private static let errorKindsMax = 7
  private static let logLinesMax = 3

  /// With rounded numbers, and texts of bounded length.
  private var brief: StressResult {
    var brief = self
    brief.throughput = throughput.map { Rate(perSecond: $0.perSecond.brief) }
    brief.offered = offered.map { Rate(perSecond: $0.perSecond.brief) }
    brief.latency = latency.brief
    brief.uncorrectedLatency = uncorrectedLatency.brief
    brief.errors = Self.brief(errors)
    // The metrics say the most of it.
    brief.generation = nil
    brief.scheduleLag = ScheduleLag(
      p50: scheduleLag.p50?.brief, p99: scheduleLag.p99?.brief, max: scheduleLag.max?.brief)
    brief.clientCPU = .milliseconds(Int64(clientCPU.milliseconds.rounded()))
    brief.warmUp = .milliseconds(Int64(warmUp.milliseconds.rounded()))
    brief.quality.littleDisagreement = quality.littleDisagreement?.brief
    brief.quality.generatorUtilization = quality.generatorUtilization?.brief
    brief.quality.drift = quality.drift?.brief
    if case .infeasible(var infeasibility) = outcome {
      infeasibility.detail = infeasibility.detail.clipped(to: 300)
      infeasibility.lastLogLines = infeasibility.lastLogLines.suffix(Self.logLinesMax)
        .map { $0.clipped(to: 100) }
      brief.outcome = .infeasible(infeasibility)
    }
    brief.outcome.measurement = outcome.measurement.map(Self.brief)
    return brief
  }

  private static func brief(_ measurement: Measurement) -> Measurement {
    let metrics = Set(Metric.reportedByStressTest + Metric.reportedOfGeneration)
    let reasons = measurement.doubts.prefix(reasonsMax).map { $0.clipped(to: 110) }
    let verdict: Measurement.Verdict =
      switch measurement.verdict {
      case .sound: .sound
      case .doubtful: .doubtful(reasons)
      case .unusable: .unusable(reasons)
      }
    return Measurement(
      values: measurement.values.filter { metrics.contains($0.key) }.mapValues(\.brief),
      intervals: measurement.intervals.filter { metrics.contains($0.key) }.mapValues {
        Interval(lower: $0.lower.brief, upper: $0.upper.brief)
      },
      // A stress test censors nothing else, and optimizers ask for no other noise.
      censored: measurement.censored.filter { $0.key == .throughput },
      noise: measurement.noise.filter { [.throughput, .latencyP99].contains($0.key) }
        .mapValues(\.brief),
      loadSteps: measurement.loadSteps.map(brief), verdict: verdict)
  }

  private static func brief(_ step: LoadStep) -> LoadStep {
    var brief = step
    brief.offeredRate = step.offeredRate.brief
    brief.achievedRate = step.achievedRate.brief
    brief.seconds = step.seconds.brief
    brief.errors = Self.brief(step.errors)
    (brief.generation, brief.goodput) = (nil, nil)
    let latencies = step.latencies
    brief.latencies = LoadStep.Latencies(
      mean: latencies.mean.brief, p50: latencies.p50.brief, p90: latencies.p90.brief,
      p95: latencies.p95.brief, p99: latencies.p99.brief, max: latencies.max.brief)
    brief.latencyP99Interval = step.latencyP99Interval.map {
      Interval(lower: $0.lower.brief, upper: $0.upper.brief)
    }
    brief.scheduleLagP99 = step.scheduleLagP99.brief
    return brief
  }

  /// The most frequent kinds.
  private static func brief(_ errors: [String: Int]) -> [String: Int] {
    let frequent = errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(errorKindsMax)
    return Dictionary(
      frequent.map { ($0.key.clipped(to: 30), $0.value) }, uniquingKeysWith: { max($0, $1) })
  }
}

extension LatencyEstimates {
  fileprivate var brief: LatencyEstimates {
    var brief = self
    for (_, path) in Self.parts {
      let estimate = self[keyPath: path]
      brief[keyPath: path] = Estimate(
        value: estimate.value?.brief, lower: estimate.lower?.brief, upper: estimate.upper?.brief)
    }
    return brief
  }
}

extension Double {
  /// To five significant digits.
  fileprivate var brief: Double {
    guard isFinite, self != 0 else { return isFinite ? self : 0 }
    let exponent = Int(log10(magnitude).rounded(.down))
    // Dividing by a power of ten is exact to the last digit where multiplying by a fraction isn't.
    let scale = pow(10, Double(abs(4 - exponent)))
    guard scale.isFinite else { return 0 }
    return exponent <= 4 ? (self * scale).rounded() / scale : (self / scale).rounded() * scale
  }
}

extension String {
  /// The text with an ellipsis where it would take more bytes in JSON.
  fileprivate func clipped(to bytesMax: Int) -> String {
    var total = 0
    for index in indices {
      total += self[index].bytesInJSON
      if total > bytesMax {
        let ellipsis = "…"
        var head = prefix(upTo: index)
        while head.bytesInJSON + ellipsis.utf8.count > bytesMax { head.removeLast() }
        return head + ellipsis
      }
    }
    return self
  }
}

extension StringProtocol {
  fileprivate var bytesInJSON: Int { reduce(0) { $0 + $1.bytesInJSON } }
}

extension Character {
  fileprivate var bytesInJSON: Int {
    unicodeScalars.reduce(0) { sum, scalar in
      switch scalar {
      case "\"", "\\": sum + 2
      case _ where scalar.value < 0x20: sum + 6
      default: sum + UTF8.width(scalar)
      }
    }
  }
}
