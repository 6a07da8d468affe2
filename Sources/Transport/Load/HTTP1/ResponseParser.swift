import Glibc

/// Reads answers of HTTP/1.0 and 1.1 from bytes as they come, in whatever pieces (RFC 9112).
///
/// A pure function of the bytes. It keeps the beginning of one line at most and bounds what lines
/// may take altogether, so that no answer, however long or wrong, needs memory.
package struct ResponseParser {
  /// Of an answer that is complete.
  package struct Head: Hashable {
    package var status: Int
    /// Whether another request may be sent over the connection.
    package var keepsConnection: Bool

    package init(status: Int, keepsConnection: Bool) {
      self.status = status
      self.keepsConnection = keepsConnection
    }
  }

  package enum Progress: Hashable {
    case incomplete
    case complete(Head)
    /// No HTTP, or none that can be understood.
    case malformed
  }

  /// Bytes that status line, header and trailer fields may have together.
  package static let linesMax = 64 << 10
  /// Bytes that the line before a chunk may have.
  package static let chunkLineMax = 4 << 10

  private enum State {
    case statusLine, fields
    case body(left: UInt64), untilClosed
    case chunkSize, chunk(left: UInt64), chunkEnd, trailers
    case over, broken
  }

  private var state = State.statusLine
  /// The beginning of a line whose end hasn't come.
  private var line: [UInt8] = []
  /// Of the lines so far, or of the line before the chunk.
  private var lineBytes = 0
  private var fields = HeaderFields()
  private var status = 0
  /// Of the request: an answer to HEAD has no body.
  private let isBodiless: Bool

  package init(isBodiless: Bool = false) { self.isBodiless = isBodiless }

  /// Gets ready for the next answer.
  package mutating func reset() {
    state = .statusLine
    line.removeAll(keepingCapacity: true)
    lineBytes = 0
    fields = HeaderFields()
  }

  /// Takes bytes; what of them is the body goes on in pieces. What follows the end of the answer
  /// was not asked for: the connection can't be trusted after it.
  package mutating func take(
    _ bytes: UnsafeRawBufferPointer, body: (UnsafeRawBufferPointer) -> Void
  ) -> Progress {
    var rest = bytes
    while true {
      switch state {
      case .over:
        return .complete(
          Head(status: status, keepsConnection: fields.keepsConnection && rest.isEmpty))
      case .broken: return .malformed
      case .untilClosed:
        if !rest.isEmpty { body(rest) }
        return .incomplete
      case .body(let left):
        let taken = take(left, of: &rest, body: body)
        state = taken == left ? .over : .body(left: left - taken)
      case .chunk(let left):
        let taken = take(left, of: &rest, body: body)
        state = taken == left ? .chunkEnd : .chunk(left: left - taken)
      case .statusLine, .fields, .chunkSize, .chunkEnd, .trailers:
        if !takeLine(of: &rest) { state = .broken }
      }
      if rest.isEmpty {
        if case .over = state { continue }
        if case .broken = state { continue }
        return .incomplete
      }
    }
  }

  /// What it means that the server sends no more.
  package mutating func end() -> Progress {
    switch state {
    case .over, .untilClosed: .complete(Head(status: status, keepsConnection: false))
    case .broken: .malformed
    default: .incomplete
    }
  }
}

// MARK: - Pieces and lines

extension ResponseParser {
  /// Passes on so much of the body as is there.
  private func take(
    _ left: UInt64, of rest: inout UnsafeRawBufferPointer,
    body: (UnsafeRawBufferPointer) -> Void
  ) -> UInt64 {
    let count = Int(min(left, UInt64(rest.count)))
    if count > 0 { body(UnsafeRawBufferPointer(rebasing: rest[..<count])) }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return UInt64(count)
  }

  /// Takes a line, or its beginning; false when it is no line of an answer.
  private mutating func takeLine(of rest: inout UnsafeRawBufferPointer) -> Bool {
    guard let start = rest.baseAddress else { return true }
    let limit = if case .chunkSize = state { Self.chunkLineMax } else { Self.linesMax }
    guard let found = memchr(start, 0x0A, rest.count) else {
      lineBytes += rest.count
      line.append(contentsOf: rest)
      rest = UnsafeRawBufferPointer(start: nil, count: 0)
      return lineBytes <= limit
    }
    let count = UnsafeRawPointer(found) - start
    let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[(count + 1)...])
    lineBytes += count + 1
    guard lineBytes <= limit else { return false }
    guard !line.isEmpty else { return read(piece.withoutReturn) }
    line.append(contentsOf: piece)
    let whole = line
    line.removeAll(keepingCapacity: true)
    return whole.withUnsafeBytes { read($0.withoutReturn) }
  }

  private mutating func read(_ line: UnsafeRawBufferPointer) -> Bool {
    switch state {
    case .statusLine: readStatus(line)
    case .fields: line.isEmpty ? endHead() : fields.read(line)
    case .chunkSize: readChunkSize(line)
    case .chunkEnd: endChunk(line)
    case .trailers: endTrailers(line)
    default: false
    }
  }

  /// `HTTP/1.1 200 OK`
  private mutating func readStatus(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count >= 12, let start = line.baseAddress, memcmp(start, "HTTP/1.", 7) == 0,
      line[7] == 0x30 || line[7] == 0x31, line[8] == 0x20, line.count == 12 || line[12] == 0x20
    else { return false }
    status = 0
    for byte in line[9..<12] {
      guard (0x30...0x39).contains(byte) else { return false }
      status = status * 10 + Int(byte - 0x30)
    }
    guard status >= 100 else { return false }
    fields = HeaderFields(keepsConnection: line[7] == 0x31)
    state = .fields
    return true
  }

  private mutating func endHead() -> Bool {
    if (100..<200).contains(status) {
      // An interim answer; the lines of all of them count together.
      state = .statusLine
      return status != 101
    }
    if isBodiless || status == 204 || status == 304 {
      state = .over
    } else if fields.isChunked {
      // A length beside it is what smuggling is made of (RFC 9112, 6.3).
      if fields.length != nil { fields.keepsConnection = false }
      startChunk()
    } else if let length = fields.length, !fields.hasOtherCoding {
      state = length == 0 ? .over : .body(left: length)
    } else {
      state = .untilClosed
    }
    return true
  }

  private mutating func startChunk() {
    state = .chunkSize
    lineBytes = 0
  }

  /// `1a2b;extension`
  private mutating func readChunkSize(_ line: UnsafeRawBufferPointer) -> Bool {
    var size: UInt64 = 0
    var digits = 0
    for byte in line {
      guard let digit = Self.hexDigit(byte) else {
        guard byte == UInt8(ascii: ";") || byte == 0x20 || byte == 0x09 else { return false }
        break
      }
      digits += 1
      size = size << 4 | UInt64(digit)
      guard digits <= 15 else { return false }
    }
    guard digits > 0 else { return false }
    lineBytes = 0
    state = size == 0 ? .trailers : .chunk(left: size)
    return true
  }

  private mutating func endChunk(_ line: UnsafeRawBufferPointer) -> Bool {
    startChunk()
    return line.isEmpty
  }

  private mutating func endTrailers(_ line: UnsafeRawBufferPointer) -> Bool {
    if line.isEmpty { state = .over }
    return true
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var withoutReturn: UnsafeRawBufferPointer {
    last == 0x0D ? UnsafeRawBufferPointer(rebasing: dropLast()) : self
  }
}
