import Tuning

/// What a result says of its own numbers, over the windows that they come from.
package struct ResultQuality: Hashable, Sendable {
  /// How many independent requests would say as much about the 99th percentile.
  package var effectiveRequests: Int?
  /// The worst of the windows; see `WindowQuality`.
  package var littleDisagreement: Double?
  package var generatorUtilization: Double?
  package var drift: Double?

  package init() {}

  init(_ windows: [WindowQuality]) {
    guard !windows.isEmpty else { return }
    effectiveRequests = windows.reduce(0) { $0 + $1.effectiveRequests }
    littleDisagreement = windows.map(\.littleDisagreement).max()
    generatorUtilization = windows.map(\.generatorUtilization).max()
    drift = windows.map(\.drift).max { abs($0) < abs($1) }
  }
}

extension ResultQuality: Codable {
  private enum Key: String, CodingKey {
    case effectiveRequests = "effective_requests"
    case littleDisagreement = "little_disagreement"
    case generatorUtilization = "generator_utilization"
    case drift
  }

  /// What isn't known is null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(effectiveRequests, forKey: .effectiveRequests)
    try container.encode(littleDisagreement, forKey: .littleDisagreement)
    try container.encode(generatorUtilization, forKey: .generatorUtilization)
    try container.encode(drift, forKey: .drift)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    effectiveRequests = try container.decodeIfPresent(Int.self, forKey: .effectiveRequests)
    littleDisagreement = try container.decodeIfPresent(Double.self, forKey: .littleDisagreement)
    generatorUtilization =
      try container.decodeIfPresent(Double.self, forKey: .generatorUtilization)
    drift = try container.decodeIfPresent(Double.self, forKey: .drift)
  }
}
