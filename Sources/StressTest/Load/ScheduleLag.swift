/// How late the generator sent requests, in milliseconds; nil where none was sent.
package struct ScheduleLag: Hashable, Sendable {
  package var p50: Double?
  package var p99: Double?
  package var max: Double?

  package init(p50: Double? = nil, p99: Double? = nil, max: Double? = nil) {
    self.p50 = p50
    self.p99 = p99
    self.max = max
  }

  init(nanoseconds: OrderedValues) {
    guard let last = nanoseconds.values.last else { return }
    p50 = nanoseconds.quantile(0.5) * 1e-6
    p99 = nanoseconds.quantile(0.99) * 1e-6
    max = last * 1e-6
  }

  /// The greatest of several windows.
  init(worstOf lags: [ScheduleLag]) {
    p50 = lags.compactMap(\.p50).max()
    p99 = lags.compactMap(\.p99).max()
    max = lags.compactMap(\.max).max()
  }
}

extension ScheduleLag: Codable {
  private enum Key: String, CodingKey { case p50, p99, max }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(p50, forKey: .p50)
    try container.encode(p99, forKey: .p99)
    try container.encode(max, forKey: .max)
  }
}
