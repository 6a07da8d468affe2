/// A place in a JSON document (RFC 6901): `/spec/predictors/0/name`.
package struct JSONPointer: Hashable, Sendable {
  /// The unescaped reference tokens: member names and list indices.
  package let tokens: [String]

  package init(_ tokens: [String] = []) { self.tokens = tokens }

  /// Reads the text form; nil where it neither is empty nor begins with `/`, or where `~` is
  /// followed by neither 0 nor 1.
  package init?(text: String) {
    guard !text.isEmpty else {
      self.tokens = []
      return
    }
    guard text.first == "/" else { return nil }
    var tokens: [String] = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let token = Self.unescaped(part) else { return nil }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  package static let root = JSONPointer()

  package func appending(_ tokens: String...) -> JSONPointer {
    JSONPointer(self.tokens + tokens)
  }
  package func appending(_ index: Int) -> JSONPointer { JSONPointer(tokens + [String(index)]) }
  package func appending(_ other: JSONPointer) -> JSONPointer {
    JSONPointer(tokens + other.tokens)
  }

  /// The place that holds this one; nil for the root.
  package var parent: JSONPointer? {
    tokens.isEmpty ? nil : JSONPointer(Array(tokens.dropLast()))
  }

  private static func unescaped(_ part: Substring) -> String? {
    var result = ""
    var isEscaped = false
    for character in part {
      switch (isEscaped, character) {
      case (true, "0"): result.append("~")
      case (true, "1"): result.append("/")
      case (true, _): return nil
      case (false, "~"): break
      case (false, _): result.append(character)
      }
      isEscaped = !isEscaped && character == "~"
    }
    return isEscaped ? nil : result
  }

  /// A list index as RFC 6901 writes it: digits without a leading zero.
  static func index(_ token: String) -> Int? {
    guard token == "0" || token.first != "0", token.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return Int(token)
  }
}

extension JSONPointer: CustomStringConvertible {
  /// The text form.
  package var description: String {
    tokens.map { token in
      var escaped = "/"
      for character in token {
        switch character {
        case "~": escaped += "~0"
        case "/": escaped += "~1"
        default: escaped.append(character)
        }
      }
      return escaped
    }.joined()
  }
}

extension JSONValue {
  /// The value at a place; nil where there is none.
  package subscript(pointer: JSONPointer) -> JSONValue? {
    var value = self
    for token in pointer.tokens {
      switch value {
      case .object(let object):
        guard let member = object[token] else { return nil }
        value = member
      case .array(let array):
        guard let index = JSONPointer.index(token), array.indices.contains(index) else {
          return nil
        }
        value = array[index]
      default: return nil
      }
    }
    return value
  }
}
