/// The name of something measured. Its ending is its unit: `_rps`, `_ms`, `_gib`, ….
package struct Metric: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  package let name: String
  package init(_ name: String) { self.name = name }
  package init(stringLiteral name: String) { self.name = name }
  package var description: String { name }

  /// The greatest rate that holds the latency objective, in requests per second.
  package static let throughput: Metric = "throughput_rps"
  package static let latencyMean: Metric = "latency_mean_ms"
  package static let latencyP50: Metric = "latency_p50_ms"
  package static let latencyP90: Metric = "latency_p90_ms"
  package static let latencyP95: Metric = "latency_p95_ms"
  package static let latencyP99: Metric = "latency_p99_ms"
  /// The share of requests that got no right answer, from 0 to 1.
  package static let errorRate: Metric = "error_rate"
  /// The most memory in use at any time of the trial, in GiB.
  package static let memory: Metric = "memory_gib"
  /// CPU time spent for each answered request, in milliseconds.
  package static let cpuPerRequest: Metric = "cpu_per_request_ms"
  /// The price of the configuration, in currency units per hour; known beforehand.
  package static let cost: Metric = "cost"

  /// The share of requests that meet every bound by themselves, from 0 to 1.
  package static let goodput: Metric = "goodput_fraction"

  /// The most that it can be.
  package var greatestValue: Double { [.errorRate, .goodput].contains(self) ? 1 : .infinity }

  /// What a stress test against a live server reports.
  package static let reportedByStressTest: [Metric] = [
    .throughput, .latencyMean, .latencyP50, .latencyP90, .latencyP95, .latencyP99, .errorRate,
    .memory, .cpuPerRequest, .goodput,
  ]
}

extension Metric: Codable, CodingKeyRepresentable {
  package init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
  package var codingKey: any CodingKey { MetricKey(stringValue: name) }
  package init?<Key: CodingKey>(codingKey: Key) { self.init(codingKey.stringValue) }
}

private struct MetricKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
