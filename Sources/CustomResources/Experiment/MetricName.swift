package import Tuning

/// The names by which people call a metric, and the units in which they bound it.
package enum MetricName {
  /// Short forms, and the names that upstream Morphling uses.
  private static let aliases: [String: Metric] = [
    "qps": .throughput, "rps": .throughput, "throughput": .throughput,
    "mean": .latencyMean, "p50": .latencyP50, "p90": .latencyP90, "p95": .latencyP95,
    "p99": .latencyP99, "memory": .memory, "error_rate": .errorRate, "errors": .errorRate,
  ]

  /// The metric of a name as people write it: `p99`, `error-rate`, `ttft-p99`, `latency_p99_ms`.
  package static func metric(_ name: String) -> Metric {
    let underscored = String(name.map { $0 == "-" ? "_" : $0 })
    if let metric = aliases[underscored.lowercased()] { return metric }
    let time = Metric(underscored.lowercased() + "_ms")
    if Metric.generationTimes.contains(time) { return time }
    let isPercentile = underscored.first == "p" && Int(underscored.dropFirst()) != nil
    return Metric(isPercentile ? "latency_\(underscored)_ms" : underscored)
  }

  /// Every name that `metric` maps to one of these, for messages.
  static func hint(_ name: String, among metrics: [Metric]) -> String {
    Spelling.hint(name, among: metrics.map(\.name))
  }

  /// A bound in the metric's own unit: `100ms` for `_ms`, `0.1%` for a rate, `2Gi` for `_gib`, or
  /// a bare number in that unit. Nil where the text is none of these, or zero, which only a rate
  /// can hold.
  package static func bound(_ text: String, on metric: Metric) -> Double? {
    amount(text, of: metric).flatMap { $0 > 0 || isShare(metric) ? $0 : nil }
  }

  private static func amount(_ text: String, of metric: Metric) -> Double? {
    guard text.first.map({ $0.isNumber || $0 == "." }) ?? false else { return nil }
    if let number = Double(text) { return number.isFinite ? number : nil }
    if metric.name.hasSuffix("_ms") {
      return DurationText.duration(text, bare: nil)?.milliseconds
    }
    if metric.name.hasSuffix("_gib") {
      return (try? Quantity(text)).map { $0.amount / 1_073_741_824 }
    }
    return isShare(metric) ? ShareText.share(text)?.fraction : nil
  }

  /// What a bound on the metric looks like, for messages.
  package static func boundHint(_ metric: Metric) -> String {
    if metric.name.hasSuffix("_ms") { return "a duration like 100ms is needed" }
    if metric.name.hasSuffix("_gib") { return "an amount like 2Gi is needed" }
    if isShare(metric) { return "a share like 0.1% is needed" }
    return "a number in the metric's unit is needed"
  }

  private static func isShare(_ metric: Metric) -> Bool {
    metric.name.hasSuffix("_rate") || metric.name.hasSuffix("_fraction")
  }
}

extension Expression {
  /// The expression with every short form of a metric's name replaced by the name, except for
  /// names that mean something of their own.
  func spellingOutMetrics(except own: Set<String>) -> Expression {
    switch self {
    case .number: self
    case .name(let name): own.contains(name) ? self : .name(MetricName.metric(name).name)
    case .apply(let function, let operand):
      .apply(function, operand.spellingOutMetrics(except: own))
    case .combine(let operation, let left, let right):
      .combine(
        operation, left.spellingOutMetrics(except: own), right.spellingOutMetrics(except: own))
    }
  }
}
