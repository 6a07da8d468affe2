import Foundation

/// A JSON value whose objects keep the order in which they were written, so that equal reports
/// give equal bytes and a reader finds the important keys first.
package indirect enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A whole number that may be too large for `integer`, such as a seed.
  case unsigned(UInt64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  package struct Member: Hashable, Sendable {
    package let key: String
    package let value: JSON

    package init(key: String, value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// Reads a JSON text; the members of its objects come back in alphabetical order.
  package init(reading text: String) throws {
    self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
  }

  /// Null where there is nothing, or where the number isn't finite: JSON has no word for those.
  package init(_ number: Double?) {
    guard let number, number.isFinite else {
      self = .null
      return
    }
    self = .number(number)
  }

  package init(_ string: String?) { self = string.map(JSON.string) ?? .null }
  package init(_ integer: Int?) { self = integer.map(JSON.integer) ?? .null }
  package init(_ bool: Bool?) { self = bool.map(JSON.bool) ?? .null }

  /// An object by sorted keys.
  package init(_ numbers: [String: Double]) {
    self = .object(
      numbers.sorted { $0.key < $1.key }.map { Member(key: $0.key, value: JSON($0.value)) })
  }

  package subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral
{
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(stringLiteral value: String) { self = .string(value) }
}

// MARK: - Writing

extension JSON {
  /// The value as text, two spaces a level; what fits on a short line stays on one.
  package var text: String { text(indent: "") + "\n" }

  private static let lineLength = 88

  private func text(indent: String) -> String {
    let short = line
    if short.utf8.count + indent.utf8.count <= Self.lineLength { return short }
    let inner = indent + "  "
    switch self {
    case .array(let elements):
      let lines = elements.map { inner + $0.text(indent: inner) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let members):
      let lines = members.map {
        "\(inner)\(Self.quoted($0.key)): \($0.value.text(indent: inner))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    default: return short
    }
  }

  /// The value on one line.
  package var line: String {
    switch self {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .integer(let integer): String(integer)
    case .unsigned(let integer): String(integer)
    case .number(let number): Self.spelled(number)
    case .string(let string): Self.quoted(string)
    case .array(let elements): "[" + elements.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.key)): \($0.value.line)" }.joined(separator: ", ")
        + "}"
    }
  }

  /// The shortest decimal that reads back as the same number.
  private static func spelled(_ number: Double) -> String {
    guard number.isFinite else { return "null" }
    if abs(number) < 1e15, let whole = Int(exactly: number) { return String(whole) }
    return "\(number)"
  }

  private static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

// MARK: - Reading

extension JSON: Decodable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else if let integer = try? container.decode(UInt64.self) {
      self = .unsigned(integer)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let string = try? container.decode(String.self) {
      self = .string(string)
    } else if let elements = try? container.decode([JSON].self) {
      self = .array(elements)
    } else {
      let members = try container.decode([String: JSON].self)
      self = .object(
        members.sorted { $0.key < $1.key }.map { Member(key: $0.key, value: $0.value) })
    }
  }
}
