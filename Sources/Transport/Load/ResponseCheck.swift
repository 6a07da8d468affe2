import Foundation
import Glibc
import StressTest

extension ResponseExpectation {
  /// Whether the body must be kept until the answer is complete.
  var needsBody: Bool { self != .status }

  /// The check that every answer gets: a few scans over its bytes, so that checking answers
  /// doesn't delay requests.
  func accepts(_ body: borrowing [UInt8]) -> Bool {
    body.withUnsafeBytes { bytes in
      switch self {
      case .status: true
      case .contains(let text): bytes.firstOffset(of: text.utf8) != nil
      case .openInference: Self.looksLikeInference(bytes)
      }
    }
  }

  /// The check that the first answers of a window get besides, once the window is over: parses
  /// the whole body.
  func acceptsParsed(_ body: [UInt8]) -> Bool {
    guard self == .openInference else { return true }
    let parsed = try? JSONSerialization.jsonObject(with: Data(body))
    guard let object = parsed as? [String: Any] else { return false }
    return object["outputs"] is [Any] && object["error"] == nil
  }

  private static func looksLikeInference(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{"),
      bytes.last(where: { !isSpace($0) }) == UInt8(ascii: "}")
    else { return false }
    return hasKey("\"outputs\"", in: bytes) && !hasKey("\"error\"", in: bytes)
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
