import Reporting
import StressTest
import Tuning

/// The result of a stress test as a person reads it.
struct StressSummary {
  private let job: StressJob
  private let result: StressResult

  init(_ job: StressJob, _ result: StressResult) {
    self.job = job
    self.result = result
  }

  /// The result as JSON, what matters most first.
  static func json(of result: StressResult) throws -> String {
    let order = [
      "throughput_rps", "offered_rps", "latency_ms", "latency_uncorrected_ms", "generation",
      "ttft_ms", "itl_ms", "tpot_ms", "output_tokens_per_second", "output_tokens", "input_tokens",
      "errors",
      "schedule_lag_ms", "client_cpu_seconds", "warmup_seconds", "verdict", "quality",
      "resources", "outcome", "steps", "version",
    ]
    let estimates = LatencyEstimates.parts.map(\.name) + ["value", "lower", "upper"]
    return try JSON(reading: try result.json()).members(first: order + estimates).text
  }

  var text: String {
    var lines = ["\(job.target.method) \(job.target.url)"]
    lines += row("throughput", throughput)
    lines += row("offered", result.offered.map { "\(Figure.text($0.perSecond)) req/s" })
    lines += row("latency", latencies)
    lines += row("p99", interval(result.latency.p99))
    lines += generationRows
    lines += row(
      "goodput", result.outcome.measurement?[.goodput].map { Figure.text($0 * 100) + " %" })
    lines += row("errors", result.offered == nil ? nil : errors)
    lines += row("lag", lag)
    lines += row("server", used)
    lines += row("verdict", verdict)
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ name: String, _ text: String?) -> [String] {
    guard let text else { return [] }
    return ["  " + name + String(repeating: " ", count: max(12 - name.count, 1)) + text]
  }

  private var throughput: String? {
    guard let rate = result.throughput else { return nil }
    let text = "\(Figure.text(rate.perSecond)) req/s"
    guard let bracket = result.outcome.measurement?.intervals[.throughput] else { return text }
    return text
      + ": \(Figure.text(bracket.lower)) to \(Figure.text(bracket.upper)), with 90 % confidence"
  }

  /// In milliseconds, those that are known.
  private var latencies: String? {
    let names = ["p999": "p99.9"]
    let known = LatencyEstimates.parts.compactMap { name, path in
      result.latency[keyPath: path].value.map { "\(names[name] ?? name) \(Figure.text($0))" }
    }
    return known.isEmpty ? nil : known.joined(separator: ", ") + " ms"
  }

  private var generationRows: [String] {
    guard let generation = result.generation else { return [] }
    let speed = generation.outputTokensPerSecond.map { "\(Figure.text($0)) per second" }
    let lengths = counts(generation.outputTokens)
    let output = [speed, lengths].compactMap(\.self).joined(separator: "; in an answer ")
    return row("first token", times(generation.firstToken))
      + row("between", times(generation.betweenTokens))
      + row("per token", times(generation.perOutputToken))
      + row("output", output.isEmpty ? nil : "tokens: " + output)
      + row("input", counts(generation.inputTokens).map { "tokens: " + $0 })
  }

  private func times(_ estimates: LatencyEstimates) -> String? {
    counts(estimates).map { $0 + " ms" }
  }

  /// The numbers that are known.
  private func counts(_ estimates: LatencyEstimates) -> String? {
    let known = LatencyEstimates.parts.compactMap { name, path in
      name == "p999" ? nil : estimates[keyPath: path].value.map { "\(name) \(Figure.text($0))" }
    }
    return known.isEmpty ? nil : known.joined(separator: ", ")
  }

  private func interval(_ estimate: Estimate) -> String? {
    guard let lower = estimate.lower, let upper = estimate.upper else { return nil }
    return "\(Figure.text(lower)) to \(Figure.text(upper)) ms, with 95 % confidence"
  }

  private var errors: String {
    let kinds = result.errors.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return kinds.isEmpty ? "none" : kinds.joined(separator: ", ")
  }

  private var lag: String? {
    guard let p99 = result.scheduleLag.p99, let worst = result.scheduleLag.max else { return nil }
    return "sent up to \(Figure.text(worst)) ms late, 99 % within \(Figure.text(p99)) ms"
  }

  /// What the server used; nil where nothing is known of it, as of one that somebody else started.
  private var used: String? {
    let usage = result.usage
    guard usage.isKnown else { return nil }
    let parts = [
      usage.cpu.map { "\(Figure.text($0.seconds)) s of CPU" },
      usage.memoryPeak.map { "\(Figure.text($0.gibibytes)) GiB at most" },
      usage.throttled.map { "throttled for \(Figure.text($0.seconds)) s" },
      usage.outOfMemoryKills.map { "\($0) killed for want of memory" },
      usage.gpuMemoryPeak.map { "\(Figure.text($0.gibibytes)) GiB of GPU memory at most" },
      usage.gpuUtilization.map { "GPU busy for \(Figure.text($0.fraction * 100)) %" },
      usage.gpuMemoryPeak == nil && usage.gpuUtilization == nil ? "GPU not available" : nil,
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  private var verdict: String? {
    switch result.verdict {
    case _ where result.steps.isEmpty: nil
    case .sound: "sound"
    case .doubtful(let reasons): "doubtful: " + reasons.joined(separator: "; ")
    case .unusable(let reasons): "not usable: " + reasons.joined(separator: "; ")
    }
  }
}

extension JSON {
  /// The value with the members of its objects in the order of these keys, others after them.
  fileprivate func members(first keys: [String]) -> JSON {
    switch self {
    case .array(let elements): return .array(elements.map { $0.members(first: keys) })
    case .object(let members):
      let rank = { (member: Member) in keys.firstIndex(of: member.key) ?? keys.count }
      return .object(
        members.sorted { (rank($0), $0.key) < (rank($1), $1.key) }
          .map { Member(key: $0.key, value: $0.value.members(first: keys)) })
    default: return self
    }
  }
}
