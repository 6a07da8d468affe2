/// Reads JSON text (RFC 8259).
///
/// Of members with the same name the last counts. Whole numbers that fit are integers, all others
/// doubles.
package struct JSONReader {
  /// Deeper nesting than this is refused: no API object comes near, and each level costs stack.
  private static let depthMax = 512

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// The value that the whole text stands for.
  package static func decode(_ text: String) throws(JSONError) -> JSONValue {
    try decode(Array(text.utf8))
  }

  /// The value that the whole of the UTF-8 text stands for.
  package static func decode(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
      var reader = JSONReader(bytes: buffer)
      return Result { () throws(JSONError) in try reader.document() }
    }
    return try result.get()
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func document() throws(JSONError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error(needed: "the end of the text") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < Self.depthMax else { throw error(needed: "less nesting") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var object = JSONObject()
    skipSpace()
    if take("}") { return .object(object) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error(needed: "a member's name") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error(needed: "a colon") }
      object[key] = try value(depth: depth + 1)
      skipSpace()
      if take("}") { return .object(object) }
      guard take(",") else { throw error(needed: "a comma or }") }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var array: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(array) }
    while true {
      array.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(array) }
      guard take(",") else { throw error(needed: "a comma or ]") }
    }
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let count = text.utf8CodeUnitCount
    let word = UnsafeBufferPointer(start: text.utf8Start, count: count)
    guard position + count <= bytes.count,
      bytes[position..<position + count].elementsEqual(word)
    else { throw error(needed: "a value") }
    position += count
    return value
  }
}

// MARK: - Numbers

extension JSONReader {
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    _ = take("-")
    let firstDigit = next
    try digits()
    if firstDigit == UInt8(ascii: "0"),
      bytes[position - 1] != firstDigit || digitCount(from: start) > 1
    {
      throw error(needed: "a number without leading zeros")
    }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw error(needed: "a finite number") }
    return .number(number)
  }

  private func digitCount(from start: Int) -> Int {
    position - start - (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw error(needed: "a value") }
  }
}

// MARK: - Strings

extension JSONReader {
  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    if take("\"") { return String(decoding: bytes[start..<position - 1], as: UTF8.self) }
    return try stringWithEscapes(Array(bytes[start..<position]))
  }

  private mutating func stringWithEscapes(_ prefix: [UInt8]) throws(JSONError) -> String {
    var result = prefix
    while let byte = next {
      guard byte >= 0x20 else { throw error(needed: "an escaped control character") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &result)
      default: result.append(byte)
      }
    }
    throw error(needed: "a quotation mark")
  }

  private mutating func escape(into result: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw error(needed: "an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"): result.append(contentsOf: String(try unicodeEscape()).utf8)
    default: throw error(needed: "a known escape")
    }
  }

  /// Surrogates without their other half stand for the replacement character.
  private mutating func unicodeEscape() throws(JSONError) -> Character {
    var code = try fourHexDigits()
    if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\") {
      let mark = position
      position += 1
      if take("u") {
        let low = try fourHexDigits()
        if (0xDC00..<0xE000).contains(low) {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          position = mark
        }
      } else {
        position = mark
      }
    }
    return Character(Unicode.Scalar(code) ?? "\u{FFFD}")
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error(needed: "four hexadecimal digits") }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error(needed: "four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }
}

// MARK: - Bytes

extension JSONReader {
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func error(needed: String) -> JSONError {
    JSONError(offset: position, found: next, needed: needed)
  }
}

/// Text that isn't JSON.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  /// In bytes from the start of the text.
  package let offset: Int
  /// Nil at the end of the text.
  package let found: UInt8?
  package let needed: String

  package var description: String {
    let found = found.map { "\"\(Character(Unicode.Scalar($0)))\"" } ?? "the end of the text"
    return "JSON, byte \(offset): \(found) was found; \(needed) is needed"
  }
}
