/// Reads a JSON text (RFC 8259) once, from front to back, without building it: what an answer
/// holds is counted, however large it is, at the price of looking at each byte.
///
/// Every function reads one value and says whether it was one; after a false the rest means
/// nothing.
package struct JSONScanner {
  package enum Kind: Hashable, Sendable { case object, array, text, number, truth, null }

  /// Deeper values are refused.
  package static let depthMax = 200

  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What comes next, by its first byte; nil where that begins no value.
  package mutating func kind() -> Kind? {
    skipSpace()
    return switch peek ?? 0 {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .text
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .truth
    case UInt8(ascii: "n"): .null
    default: nil
    }
  }

  /// Whether nothing but space is left.
  package mutating func isAtEnd() -> Bool {
    skipSpace()
    return index == bytes.count
  }

  /// Passes over a value of any kind.
  package mutating func skip() -> Bool {
    switch kind() {
    case .object: object { $1.skip() }
    case .array: array { $0.skip() }
    case .text: skipText() != nil
    case .number: skipNumber() != nil
    case .truth: peek == UInt8(ascii: "t") ? skipWord("true") : skipWord("false")
    case .null: skipWord("null")
    case nil: false
    }
  }

  /// Reads an object; `member` reads the value of each key.
  package mutating func object(_ member: (String, inout JSONScanner) -> Bool) -> Bool {
    nested(from: "{", to: "}") { scanner in
      guard let key = scanner.text() else { return false }
      scanner.skipSpace()
      return scanner.skipByte(":") && member(key, &scanner)
    }
  }

  /// Reads an array; `element` reads each of its values.
  package mutating func array(_ element: (inout JSONScanner) -> Bool) -> Bool {
    nested(from: "[", to: "]", element)
  }

  /// Reads arrays within arrays; `leaf` reads each value that is none.
  package mutating func leaves(_ leaf: (inout JSONScanner) -> Bool) -> Bool {
    kind() == .array ? array { $0.leaves(leaf) } : leaf(&self)
  }

  /// Reads a text; nil where there is none.
  package mutating func text() -> String? {
    guard kind() == .text, let range = skipText() else { return nil }
    let inner = bytes[range]
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    return Self.unescaped(inner)
  }

  /// Reads a number as it is written; nil where there is none.
  package mutating func number() -> String? {
    guard kind() == .number, let range = skipNumber() else { return nil }
    return String(decoding: bytes[range], as: UTF8.self)
  }

  /// Reads `true` or `false`; nil where there is neither.
  package mutating func truth() -> Bool? {
    guard kind() == .truth else { return nil }
    let isTrue = peek == UInt8(ascii: "t")
    return skip() ? isTrue : nil
  }
}

// MARK: - Bytes

extension JSONScanner {
  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { index += 1 }
  }

  private mutating func skipByte(_ byte: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: byte) else { return false }
    index += 1
    return true
  }

  private mutating func skipWord(_ word: String) -> Bool {
    guard bytes[index...].starts(with: word.utf8) else { return false }
    index += word.utf8.count
    return true
  }

  private mutating func nested(
    from opening: Unicode.Scalar, to closing: Unicode.Scalar,
    _ element: (inout JSONScanner) -> Bool
  ) -> Bool {
    skipSpace()
    guard depth < Self.depthMax, skipByte(opening) else { return false }
    depth += 1
    skipSpace()
    if !skipByte(closing) {
      repeat {
        guard element(&self) else { return false }
        skipSpace()
      } while skipByte(",")
      guard skipByte(closing) else { return false }
    }
    depth -= 1
    return true
  }

  /// Passes over a text; what is between its quotes.
  private mutating func skipText() -> Range<Int>? {
    guard skipByte("\"") else { return nil }
    let start = index
    var isPlain = true
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        let range = start..<index
        index += 1
        guard isPlain || String(validating: bytes[range], as: UTF8.self) != nil else { return nil }
        return range
      case UInt8(ascii: "\\"): guard skipEscape() else { return nil }
      case ..<0x20: return nil
      default:
        if byte >= 0x80 { isPlain = false }
        index += 1
      }
    }
    return nil
  }

  private mutating func skipEscape() -> Bool {
    index += 1
    guard let byte = peek else { return false }
    index += 1
    guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
    for _ in 0..<4 {
      guard let digit = peek, Self.isHexadecimal(digit) else { return false }
      index += 1
    }
    return true
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private mutating func skipNumber() -> Range<Int>? {
    let start = index
    _ = skipByte("-")
    if !skipByte("0") { guard skipDigits() else { return nil } }
    if skipByte(".") { guard skipDigits() else { return nil } }
    if skipByte("e") || skipByte("E") {
      if !skipByte("+") { _ = skipByte("-") }
      guard skipDigits() else { return nil }
    }
    return start..<index
  }

  private mutating func skipDigits() -> Bool {
    let start = index
    while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
    return index > start
  }

  /// The text of bytes that are known to be well-formed; half a surrogate pair becomes U+FFFD.
  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    var units: [UInt16] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      guard bytes[index] == UInt8(ascii: "\\") else {
        let end = bytes[index...].firstIndex(of: UInt8(ascii: "\\")) ?? bytes.endIndex
        units.append(contentsOf: String(decoding: bytes[index..<end], as: UTF8.self).utf16)
        index = end
        continue
      }
      let letter = bytes[index + 1]
      index += 2
      switch letter {
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "u"):
        units.append(
          UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16) ?? 0xFFFD)
        index += 4
      default: units.append(UInt16(letter))
      }
    }
    return String(decoding: units, as: UTF16.self)
  }
}
