/// A Swift file as text, and as code alone.
struct SourceFile {
  /// Relative to the repository's root.
  let path: String
  /// As it was written.
  let lines: [Substring]
  /// The same lines with comments and the contents of string literals turned into spaces;
  /// interpolated code stays.
  let code: [Substring]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    code = Lexer.code(of: text).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The target that the file belongs to: the folder below `Sources`.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

  func violation(_ index: Int, _ found: String) -> Violation {
    Violation(path: path, line: index + 1, found: found)
  }
}

/// Tells code from comments and string literals.
private struct Lexer {
  private var bytes: [UInt8]
  private var position = 0

  static func code(of text: String) -> String {
    var lexer = Lexer(bytes: Array(text.utf8))
    lexer.passCode(isInterpolation: false)
    return String(decoding: lexer.bytes, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Passes code: to the end, or to the parenthesis that closes an interpolation.
  private mutating func passCode(isInterpolation: Bool) {
    var depth = 0
    while position < bytes.count {
      if starts(with: "//") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank() }
      } else if starts(with: "/*") {
        while position < bytes.count, !starts(with: "*/") { blank() }
        blank()
        blank()
      } else if let hashes = hashesOfLiteral {
        passLiteral(hashes)
      } else {
        if bytes[position] == UInt8(ascii: "(") { depth += 1 }
        if bytes[position] == UInt8(ascii: ")") { depth -= 1 }
        position += 1
        if isInterpolation, depth < 0 { return }
      }
    }
  }

  /// How many `#` stand before the quote, where a string literal begins here.
  private var hashesOfLiteral: Int? {
    var ahead = position
    while ahead < bytes.count, bytes[ahead] == UInt8(ascii: "#") { ahead += 1 }
    guard ahead < bytes.count, bytes[ahead] == UInt8(ascii: "\"") else { return nil }
    return ahead - position
  }

  private mutating func passLiteral(_ hashes: Int) {
    let hash = String(repeating: "#", count: hashes)
    position += hashes
    let quotes = starts(with: "\"\"\"") ? "\"\"\"" : "\""
    position += quotes.utf8.count
    while position < bytes.count, !starts(with: quotes + hash) {
      if quotes == "\"", bytes[position] == UInt8(ascii: "\n") { return }
      if starts(with: "\\" + hash + "(") {
        for _ in 0..<(hashes + 1) { blank() }
        position += 1
        passCode(isInterpolation: true)
      } else if starts(with: "\\" + hash) {
        for _ in 0..<(hashes + 2) { blank() }
      } else {
        blank()
      }
    }
    position += quotes.utf8.count + hashes
  }

  private func starts(with text: String) -> Bool {
    bytes[min(position, bytes.count)...].starts(with: text.utf8)
  }

  /// Turns one byte into a space, unless it ends a line.
  private mutating func blank() {
    guard position < bytes.count else { return }
    if bytes[position] != UInt8(ascii: "\n") { bytes[position] = UInt8(ascii: " ") }
    position += 1
  }
}
