/// Writes a JSON value as text (RFC 8259).
package struct JSONText {
  /// Spaces for each level of nesting; nil for everything on one line.
  private let indentation: Int?
  private var text = ""

  /// The value as text: one member a line where an indentation is given.
  package static func encode(_ value: JSONValue, indentation: Int? = nil) -> String {
    var writer = JSONText(indentation: indentation)
    writer.write(value, depth: 0)
    return writer.text
  }

  private init(indentation: Int?) { self.indentation = indentation }

  private mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .bool, .integer: text += value.scalarText ?? "null"
    // JSON has no infinities: what isn't a number is null.
    case .number(let number): text += number.isFinite ? value.scalarText ?? "null" : "null"
    case .string(let string): text += Self.quoted(string)
    case .array(let array):
      writeList("[", array, "]", depth) { $0.write($1, depth: depth + 1) }
    case .object(let object):
      writeList("{", object.members, "}", depth) { writer, member in
        writer.text += Self.quoted(member.key) + (writer.indentation == nil ? ":" : ": ")
        writer.write(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func writeList<Element>(
    _ open: String, _ elements: [Element], _ close: String, _ depth: Int,
    _ writeElement: (inout JSONText, Element) -> Void
  ) {
    text += open
    for (number, element) in elements.enumerated() {
      if number > 0 { text += "," }
      breakLine(depth: depth + 1)
      writeElement(&self, element)
    }
    if !elements.isEmpty { breakLine(depth: depth) }
    text += close
  }

  private mutating func breakLine(depth: Int) {
    guard let indentation else { return }
    text += "\n" + String(repeating: " ", count: indentation * depth)
  }

  /// A string between quotation marks, escaped where JSON wants it.
  package static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
