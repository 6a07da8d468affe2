import Glibc
import StressTest

extension ResponseExpectation {
  /// Whether the body must be kept until the answer is complete.
  var needsBody: Bool {
    switch self {
    case .contains, .openInference, .predictions: true
    // Those of the latter two are read while they come.
    case .status, .completions, .inferenceCall: false
    }
  }

  /// Longer answers are parsed whole only after the window, in bytes.
  private static let parsedMax = 16 << 10

  /// The check that every answer gets: of a long one a few scans over its bytes, so that checking
  /// answers doesn't delay requests.
  func accepts(_ body: borrowing [UInt8]) -> Bool {
    if body.count <= Self.parsedMax, case .openInference = self { return acceptsParsed(copy body) }
    if body.count <= Self.parsedMax, case .predictions = self { return acceptsParsed(copy body) }
    return body.withUnsafeBytes { bytes in
      switch self {
      case .status, .completions, .inferenceCall: true
      case .contains(let text): bytes.firstOffset(of: text.utf8) != nil
      case .openInference: Self.looksRight(bytes, with: ["\"outputs\""])
      case .predictions: Self.looksRight(bytes, with: ["\"predictions\"", "\"outputs\""])
      }
    }
  }

  /// The check that the first answers of a window get besides, once the window is over: parses
  /// the whole body.
  func acceptsParsed(_ body: [UInt8]) -> Bool {
    switch self {
    case .openInference: InferenceAnswer.isRight(body)
    case .predictions: PredictionAnswer.isRight(body)
    case .status, .contains, .completions, .inferenceCall: true
    }
  }

  /// Whether the body begins and ends as an object and has one of the members, and no `error`.
  private static func looksRight(_ bytes: UnsafeRawBufferPointer, with members: [String]) -> Bool {
    guard bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{"),
      bytes.last(where: { !isSpace($0) }) == UInt8(ascii: "}")
    else { return false }
    return members.contains { hasKey($0, in: bytes) } && !hasKey("\"error\"", in: bytes)
  }

  /// Whether the quoted name occurs with a colon behind it. A string in a tensor may spell the
  /// name, but a colon only follows a key.
  private static func hasKey(_ quoted: String, in bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes
    while let offset = rest.firstOffset(of: quoted.utf8) {
      rest = UnsafeRawBufferPointer(rebasing: rest[(offset + quoted.utf8.count)...])
      if rest.first(where: { !isSpace($0) }) == UInt8(ascii: ":") { return true }
    }
    return false
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

extension UnsafeRawBufferPointer {
  /// Where the needle first occurs; an empty needle occurs at 0.
  fileprivate func firstOffset(of needle: String.UTF8View) -> Int? {
    guard let first = needle.first else { return 0 }
    let needle = Array(needle)
    var offset = 0
    while offset + needle.count <= count, let start = baseAddress {
      guard let found = memchr(start + offset, Int32(first), count - offset) else { return nil }
      offset = UnsafeRawPointer(found) - start
      guard offset + needle.count <= count else { return nil }
      if memcmp(found, needle, needle.count) == 0 { return offset }
      offset += 1
    }
    return nil
  }
}
