import Tuning

/// A stress test as it is handed to whoever runs it, such as the pod of a Job: what to send and
/// how.
package struct StressJob: Hashable, Sendable {
  package var target: HTTPTarget
  package var plan: StressPlan
  /// Where to ask what the server uses; nil for nowhere.
  package var usage: UsageSource?

  package init(target: HTTPTarget, plan: StressPlan, usage: UsageSource? = nil) {
    self.target = target
    self.plan = plan
    self.usage = usage
  }
}

extension StressJob: Codable {
  private enum Key: String, CodingKey, CaseIterable { case target, plan, usage }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(target, forKey: .target)
    try container.encode(plan, forKey: .plan)
    try container.encodeIfPresent(usage, forKey: .usage)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: Key.self)
    target = try container.decode(HTTPTarget.self, forKey: .target)
    plan = try container.decode(StressPlan.self, forKey: .plan)
    usage = try container.decodeIfPresent(UsageSource.self, forKey: .usage)
    if let metric = plan.limits.constraints.map(\.metric).first(where: \.isOfGeneration),
      target.expectation != .completions
    {
      throw DecodingError.dataCorruptedError(
        forKey: .plan, in: container,
        debugDescription: "a bound on \(metric); it belongs to the protocol openai")
    }
  }
}

/// What is wrong with the text of a job, and where.
package struct StressJobError: Error, Hashable, CustomStringConvertible {
  /// Such as `plan.rate_rps`; empty for the whole.
  package let place: String
  package let found: String

  package var description: String { place.isEmpty ? found : "\(place): \(found)" }

  init(_ error: DecodingError) {
    let (context, found) =
      switch error {
      case .keyNotFound(let key, let context): (context, "no \"\(key.stringValue)\"; give it")
      case .valueNotFound(_, let context): (context, "null; a value is needed")
      case .typeMismatch(let type, let context):
        (context, "a value of the wrong kind; a \(Self.word(for: type)) is needed")
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    place = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      .joined(separator: ".")
    self.found = found
  }

  private static func word(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "text"
    case is Double.Type, is Int.Type, is UInt64.Type: "number"
    case is Bool.Type: "true or false"
    default: "\(type)".hasPrefix("Array") ? "list" : "mapping"
    }
  }
}

// MARK: - Strict decoding

extension Decoder {
  /// A keyed container that has no other keys than these: a misspelt one is not passed over.
  func strictContainer<Key: CodingKey & CaseIterable>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let known = Key.allCases.map(\.stringValue)
    for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath + [key],
          debugDescription: "unknown; known: \(known.joined(separator: ", "))"))
    }
    return try container(keyedBy: type)
  }
}

extension KeyedDecodingContainer {
  /// The number, where there is one, within the range.
  func number(_ key: Key, in range: ClosedRange<Double>, _ needed: String) throws -> Double? {
    guard let number = try decodeIfPresent(Double.self, forKey: key) else { return nil }
    guard range.contains(number) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(number); \(needed)")
    }
    return number
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
