/// Which objects are meant, by their labels; all of them without requirements.
package struct LabelSelector: Hashable, Sendable {
  /// A condition on one label.
  package enum Requirement: Hashable, Sendable {
    case `in`(String, [String])
    /// Also met where there is no such label.
    case notIn(String, [String])
    case exists(String)
    case doesNotExist(String)
  }

  /// All of them must be met.
  package var requirements: [Requirement]

  package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

  /// Labels with exactly these values.
  package init(_ labels: [String: String]) {
    self.requirements = labels.sorted { $0.key < $1.key }.map { .in($0.key, [$0.value]) }
  }

  /// Reads a `metav1.LabelSelector`: `matchLabels` and `matchExpressions`. Nil for an operator
  /// that isn't known.
  package init?(_ json: JSONValue) {
    var requirements: [Requirement] = []
    for (key, value) in json["matchLabels"]?.object?.members ?? [] {
      requirements.append(.in(key, [value.scalarText ?? ""]))
    }
    for expression in json["matchExpressions"]?.array ?? [] {
      guard let requirement = Requirement(expression) else { return nil }
      requirements.append(requirement)
    }
    self.requirements = requirements
  }

  package func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { $0.matches(labels) }
  }

  /// As `metav1.LabelSelector`; a requirement of a single value becomes a `matchLabels` entry.
  package var json: JSONValue {
    var labels = JSONObject()
    var expressions: [JSONValue] = []
    for requirement in requirements {
      if case .in(let key, let values) = requirement, values.count == 1, labels[key] == nil {
        labels[key] = .string(values[0])
      } else {
        expressions.append(requirement.json)
      }
    }
    var result = JSONObject()
    if !labels.isEmpty { result["matchLabels"] = .object(labels) }
    if !expressions.isEmpty { result["matchExpressions"] = .array(expressions) }
    return .object(result)
  }
}

extension LabelSelector: CustomStringConvertible {
  /// As the query parameter `labelSelector` has it: `app=web,tier in (a,b),!canary`.
  package var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector.Requirement: CustomStringConvertible {
  init?(_ json: JSONValue) {
    let key = json["key"]?.string ?? ""
    let values = (json["values"]?.array ?? []).compactMap(\.scalarText)
    switch json["operator"]?.string {
    case "In": self = .in(key, values)
    case "NotIn": self = .notIn(key, values)
    case "Exists": self = .exists(key)
    case "DoesNotExist": self = .doesNotExist(key)
    default: return nil
    }
  }

  func matches(_ labels: [String: String]) -> Bool {
    switch self {
    case .in(let key, let values): labels[key].map(values.contains) ?? false
    case .notIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
    case .exists(let key): labels[key] != nil
    case .doesNotExist(let key): labels[key] == nil
    }
  }

  var json: JSONValue {
    let (key, word, values) =
      switch self {
      case .in(let key, let values): (key, "In", values)
      case .notIn(let key, let values): (key, "NotIn", values)
      case .exists(let key): (key, "Exists", [])
      case .doesNotExist(let key): (key, "DoesNotExist", [])
      }
    var object = JSONObject([("key", .string(key)), ("operator", .string(word))])
    if !values.isEmpty { object["values"] = .array(values.map(JSONValue.string)) }
    return .object(object)
  }

  package var description: String {
    switch self {
    case .in(let key, let values) where values.count == 1: "\(key)=\(values[0])"
    case .in(let key, let values): "\(key) in (\(values.joined(separator: ",")))"
    case .notIn(let key, let values) where values.count == 1: "\(key)!=\(values[0])"
    case .notIn(let key, let values): "\(key) notin (\(values.joined(separator: ",")))"
    case .exists(let key): key
    case .doesNotExist(let key): "!\(key)"
    }
  }
}
