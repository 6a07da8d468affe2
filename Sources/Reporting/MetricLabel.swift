/// A metric's name in words, and its unit.
struct MetricLabel: Hashable {
  let name: String
  /// Empty where it has none.
  let unit: String
  private let isShare: Bool

  init(_ metric: String) {
    if let known = Self.known[metric] {
      (name, unit, isShare) = (known.name, known.unit, known.unit == "%")
      return
    }
    if let time = Self.generationTime(metric) {
      (name, unit, isShare) = (time, "ms", false)
      return
    }
    let ending = Self.endings.first { metric.hasSuffix($0.suffix) }
    name = String(metric.dropLast(ending?.suffix.count ?? 0)).replacing("_", with: " ")
    unit = ending?.unit ?? ""
    isShare = false
  }

  /// The value without its unit.
  func number(_ value: Double) -> String { Figure.text(isShare ? value * 100 : value) }

  /// The value with its unit.
  func text(_ value: Double) -> String {
    unit.isEmpty ? number(value) : "\(number(value)) \(unit)"
  }

  /// `p99 latency (ms)`.
  var title: String { unit.isEmpty ? name : "\(name) (\(unit))" }

  private static let known: [String: (name: String, unit: String)] = [
    "throughput_rps": ("throughput", "req/s"),
    "latency_ms": ("latency", "ms"),
    "latency_mean_ms": ("mean latency", "ms"),
    "latency_p50_ms": ("p50 latency", "ms"),
    "latency_p90_ms": ("p90 latency", "ms"),
    "latency_p95_ms": ("p95 latency", "ms"),
    "latency_p99_ms": ("p99 latency", "ms"),
    "error_rate": ("error rate", "%"),
    "memory_gib": ("peak memory", "GiB"),
    "cpu_per_request_ms": ("CPU per request", "ms"),
    "goodput_fraction": ("goodput", "%"),
    "output_tokens_per_second": ("output tokens", "per second"),
    "output_mean_tokens": ("mean output", "tokens"),
    "input_mean_tokens": ("mean input", "tokens"),
    "cost": ("cost", "per hour"),
    "objective": ("objective", ""),
  ]

  /// Of generated answers: `p99 time to first token` for `ttft_p99_ms`.
  private static func generationTime(_ metric: String) -> String? {
    let kinds = [
      "ttft": "time to first token", "itl": "inter-token latency", "tpot": "time per output token",
    ]
    let words = metric.split(separator: "_").map(String.init)
    guard words.count == 3, words[2] == "ms", let kind = kinds[words[0]] else { return nil }
    return "\(words[1]) \(kind)"
  }

  private static let endings: [(suffix: String, unit: String)] = [
    ("_rps", "req/s"), ("_ms", "ms"), ("_gib", "GiB"), ("_mib", "MiB"), ("_seconds", "s"),
    ("_s", "s"), ("_percent", "%"), ("_watts", "W"),
  ]

  /// The order in which metrics are shown: what a person asks for first comes first.
  static func sorted(_ metrics: some Collection<String>) -> [String] {
    let order = [
      "throughput_rps", "latency_p99_ms", "latency_ms", "latency_p95_ms", "latency_p90_ms",
      "latency_p50_ms", "latency_mean_ms", "memory_gib", "cpu_per_request_ms", "error_rate",
    ]
    let place = { (metric: String) in order.firstIndex(of: metric) ?? order.count }
    return metrics.sorted { (place($0), $0) < (place($1), $1) }
  }
}
