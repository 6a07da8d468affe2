import Kubernetes

/// A structural schema of a CustomResourceDefinition (OpenAPI v3 as Kubernetes has it), built up
/// from small parts.
struct Schema: Hashable, Sendable {
  private(set) var members: JSONObject

  private init(_ members: [(String, JSONValue)]) { self.members = JSONObject(members) }

  var json: JSONValue { .object(members) }

  // MARK: Types

  /// An object with these fields; others are pruned.
  static func object(
    _ properties: KeyValuePairs<String, Schema>, required: [String] = []
  ) -> Schema {
    object(properties.map { ($0.key, $0.value) }, required: required)
  }

  static func object(_ properties: [(String, Schema)], required: [String] = []) -> Schema {
    var schema = Schema([("type", "object")])
    schema.members["properties"] = .object(JSONObject(properties.map { ($0.0, $0.1.json) }))
    if !required.isEmpty { schema.members["required"] = .texts(required) }
    return schema
  }

  /// An object with fields of any name.
  static func mapping(of value: Schema) -> Schema {
    Schema([("type", "object"), ("additionalProperties", value.json)])
  }

  static func list(of element: Schema, from least: Int = 0, to most: Int? = nil) -> Schema {
    var schema = Schema([("type", "array"), ("items", element.json)])
    if least > 0 { schema.members["minItems"] = .integer(least) }
    schema.members["maxItems"] = most.map(JSONValue.integer)
    return schema
  }

  static let text = Schema([("type", "string")])
  static let bool = Schema([("type", "boolean")])
  static let number = Schema([("type", "number")])
  static let time = Schema([("type", "string"), ("format", "date-time")])

  static func text(
    pattern: String? = nil, from least: Int? = nil, to most: Int? = nil
  ) -> Schema {
    var schema = Self.text
    schema.members["pattern"] = pattern.map(JSONValue.string)
    schema.members["minLength"] = least.map(JSONValue.integer)
    schema.members["maxLength"] = most.map(JSONValue.integer)
    return schema
  }

  static func integer(from least: Int? = nil, to most: Int? = nil) -> Schema {
    var schema = Schema([("type", "integer")])
    schema.members["minimum"] = least.map(JSONValue.integer)
    schema.members["maximum"] = most.map(JSONValue.integer)
    return schema
  }

  static func word(_ words: [String]) -> Schema {
    Schema([("type", "string"), ("enum", .texts(words))])
  }

  static func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Schema
  where Word.RawValue == String {
    word(Word.allCases.map(\.rawValue))
  }

  /// A text or a number, as people write amounts and levels. Kubernetes has no type for that but
  /// the one that is anything; the bounds hold for texts and for numbers, and refuse all that has
  /// members.
  static func scalar(pattern: String? = nil, from least: Int? = nil, to most: Int? = nil)
    -> Schema
  {
    var schema = Schema([
      ("x-kubernetes-preserve-unknown-fields", true), ("maxItems", 0), ("maxProperties", 0),
    ])
    schema.members["pattern"] = pattern.map(JSONValue.string)
    schema.members["minimum"] = least.map(JSONValue.integer)
    schema.members["maximum"] = most.map(JSONValue.integer)
    return schema
  }

  /// A number or the name of a port.
  static let integerOrText = Schema([("x-kubernetes-int-or-string", true)])

  /// Whatever stands there is kept.
  static let anything = Schema([("x-kubernetes-preserve-unknown-fields", true)])
  static let anyObject = Schema([
    ("type", "object"), ("x-kubernetes-preserve-unknown-fields", true),
  ])

  // MARK: Properties of a schema

  func described(_ sentence: String) -> Schema { with("description", .string(sentence)) }
  func defaulting(to value: JSONValue) -> Schema { with("default", value) }

  /// At least one of these groups of fields has to be there.
  func requiringAny(of groups: [[String]]) -> Schema {
    with("anyOf", .array(groups.map { ["required": .texts($0)] }))
  }

  /// Elements are told apart by this field.
  func keyed(by key: String) -> Schema {
    with("x-kubernetes-list-type", "map").with("x-kubernetes-list-map-keys", .texts([key]))
  }

  /// The value can't change, on servers that have rules.
  func immutable(_ version: ServerVersion, message: String) -> Schema {
    ruled(version, ["self == oldSelf": message])
  }

  /// What else has to hold, in the Common Expression Language, with what is said where it doesn't; on
  /// servers that have rules (1.25 and later).
  func ruled(_ version: ServerVersion, _ rules: KeyValuePairs<String, String>) -> Schema {
    guard version.hasRules else { return self }
    return with(
      "x-kubernetes-validations",
      .array(rules.map { ["rule": .string($0.key), "message": .string($0.value)] }))
  }

  /// Sets a keyword of the schema; nil removes it.
  func with(_ key: String, _ value: JSONValue?) -> Schema {
    var schema = self
    schema.members[key] = value
    return schema
  }
}

extension JSONValue {
  static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}
