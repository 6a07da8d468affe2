/// A JSON document. Objects keep the order of their keys, so that what was read can be written
/// back the way its author arranged it.
package indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// The member of an object; nil where there is none or where this is no object.
  package subscript(key: String) -> JSONValue? { object?[key] }

  package var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }
  package var array: [JSONValue]? {
    if case .array(let array) = self { array } else { nil }
  }
  package var string: String? {
    if case .string(let string) = self { string } else { nil }
  }
  package var integer: Int? {
    if case .integer(let integer) = self { integer } else { nil }
  }

  /// The text of a string, a number or a truth value: an amount may be written as any of them.
  package var scalarText: String? {
    switch self {
    case .bool(let bool): String(bool)
    case .integer(let integer): String(integer)
    case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
    case .string(let string): string
    case .null, .array, .object: nil
    }
  }

  /// What kind of value this is, for messages: `a list`, `"8GB"`, `true`.
  package var summary: String {
    switch self {
    case .null: "nothing"
    case .bool(let bool): String(bool)
    case .integer, .number: scalarText ?? "a number"
    case .string(let string): "\"\(string)\""
    case .array(let array): array.isEmpty ? "an empty list" : "a list"
    case .object: "a mapping"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
