import Glibc

/// What the header fields of an answer say of its framing; all others are passed over.
struct HeaderFields: Hashable {
  var keepsConnection = true
  private(set) var length: UInt64?
  private(set) var isChunked = false
  /// A coding whose end only the connection's end shows.
  private(set) var hasOtherCoding = false
  private var hasField = false

  init(keepsConnection: Bool = true) { self.keepsConnection = keepsConnection }

  /// Reads a line; false when it is no field, or contradicts one before.
  mutating func read(_ line: UnsafeRawBufferPointer) -> Bool {
    if line.first == 0x20 || line.first == 0x09 {
      // The folded rest of a field: obsolete, and never of one that matters here.
      return hasField
    }
    guard let start = line.baseAddress, let found = memchr(start, 0x3A, line.count) else {
      return false
    }
    let count = UnsafeRawPointer(found) - start
    guard count > 0 else { return false }
    hasField = true
    let name = UnsafeRawBufferPointer(rebasing: line[..<count])
    // Most fields are told apart by their length.
    switch count {
    case 14 where name.isEqual(to: "content-length"):
      return readLength(UnsafeRawBufferPointer(rebasing: line[(count + 1)...]))
    case 17 where name.isEqual(to: "transfer-encoding"):
      readCodings(UnsafeRawBufferPointer(rebasing: line[(count + 1)...]))
    case 10 where name.isEqual(to: "connection"):
      readConnection(UnsafeRawBufferPointer(rebasing: line[(count + 1)...]))
    default: break
    }
    return true
  }

  private mutating func readLength(_ value: UnsafeRawBufferPointer) -> Bool {
    let digits = value.trimmed
    guard (1...18).contains(digits.count) else { return false }
    var number: UInt64 = 0
    for byte in digits {
      guard (0x30...0x39).contains(byte) else { return false }
      number = number * 10 + UInt64(byte - 0x30)
    }
    guard length == nil || length == number else { return false }
    length = number
    return true
  }

  private mutating func readCodings(_ value: UnsafeRawBufferPointer) {
    for token in value.split(separator: 0x2C) {
      let coding = UnsafeRawBufferPointer(rebasing: token).trimmed
      isChunked = coding.isEqual(to: "chunked")
      hasOtherCoding = hasOtherCoding || !isChunked
    }
  }

  private mutating func readConnection(_ value: UnsafeRawBufferPointer) {
    // Nearly always there is just this.
    if value.trimmed.isEqual(to: "keep-alive") {
      keepsConnection = true
      return
    }
    for token in value.split(separator: 0x2C) {
      let option = UnsafeRawBufferPointer(rebasing: token).trimmed
      if option.isEqual(to: "close") { keepsConnection = false }
      if option.isEqual(to: "keep-alive") { keepsConnection = true }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Without spaces and tabs at its ends.
  fileprivate var trimmed: UnsafeRawBufferPointer {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    guard let first = firstIndex(where: { !isBlank($0) }),
      let last = lastIndex(where: { !isBlank($0) })
    else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: self[first...last])
  }

  /// Whether it is the text, which is in small letters, in any letters.
  fileprivate func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount, let start = baseAddress else {
      return count == text.utf8CodeUnitCount
    }
    return text.withUTF8Buffer { letters in
      guard let letters = letters.baseAddress else { return true }
      return strncasecmp(
        start.assumingMemoryBound(to: CChar.self),
        UnsafeRawPointer(letters).assumingMemoryBound(to: CChar.self), count) == 0
    }
  }
}
