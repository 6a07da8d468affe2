/// A measured number with the ends of its 95 % interval; nil for what can't be known.
package struct Estimate: Hashable, Sendable {
  package var value: Double?
  package var lower: Double?
  package var upper: Double?

  package init(value: Double? = nil, lower: Double? = nil, upper: Double? = nil) {
    self.value = value
    self.lower = lower
    self.upper = upper
  }

  /// The mean of several windows' values by their weights, with the hull of their intervals.
  static func mean(of estimates: [(estimate: Estimate, weight: Double)]) -> Estimate {
    let known = estimates.filter { $0.estimate.value != nil && $0.weight > 0 }
    let total = known.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return Estimate() }
    return Estimate(
      value: known.reduce(0) { $0 + ($1.estimate.value ?? 0) * $1.weight } / total,
      lower: known.compactMap(\.estimate.lower).min(),
      upper: known.compactMap(\.estimate.upper).max())
  }
}

/// What a latency was, in milliseconds, each number with its interval. The maximum is what was
/// seen and has none.
package struct LatencyEstimates: Hashable, Sendable, Codable {
  package var mean = Estimate()
  package var p50 = Estimate()
  package var p90 = Estimate()
  package var p95 = Estimate()
  package var p99 = Estimate()
  /// Unknown from less than a thousand requests.
  package var p999 = Estimate()
  package var max = Estimate()

  /// Nothing known.
  package init() {}

  /// Every number under the name that it has in a result.
  package static var parts: [(name: String, path: WritableKeyPath<Self, Estimate>)] {
    [
      ("mean", \.mean), ("p50", \.p50), ("p90", \.p90), ("p95", \.p95), ("p99", \.p99),
      ("p999", \.p999), ("max", \.max),
    ]
  }

  /// Several windows as one: see `Estimate.mean`; of the maxima the greatest.
  static func mean(of windows: [(latencies: LatencyEstimates, weight: Double)]) -> Self {
    var result = LatencyEstimates()
    for (_, path) in parts {
      result[keyPath: path] = .mean(of: windows.map { ($0.latencies[keyPath: path], $0.weight) })
    }
    result.max.value = windows.compactMap(\.latencies.max.value).max()
    return result
  }
}

extension Estimate: Codable {
  private enum Key: String, CodingKey { case value, lower, upper }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(value, forKey: .value)
    try container.encode(lower, forKey: .lower)
    try container.encode(upper, forKey: .upper)
  }
}
