import Testing
import Transport
import Tuning

/// What a parser said of an answer that came in pieces.
private struct Reading: Hashable {
  var progress = ResponseParser.Progress.incomplete
  var body: [UInt8] = []
}

/// Reads the bytes in pieces of the given lengths, the last of which is repeated.
private func reading(
  _ bytes: [UInt8], pieces: [Int] = [.max], isBodiless: Bool = false, closes: Bool = true
) -> Reading {
  var parser = ResponseParser(isBodiless: isBodiless)
  var reading = Reading()
  var rest = bytes[...]
  var position = 0
  while !rest.isEmpty, reading.progress == .incomplete {
    let piece = Array(rest.prefix(pieces[min(position, pieces.count - 1)]))
    rest = rest.dropFirst(piece.count)
    position += 1
    reading.progress = piece.withUnsafeBytes { bytes in
      parser.take(bytes) { reading.body.append(contentsOf: $0) }
    }
  }
  if closes, reading.progress == .incomplete { reading.progress = parser.end() }
  return reading
}

private func answer(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct ResponseParserTests {
  private static let right: [(text: String, status: Int, keeps: Bool, body: String)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, true, "hello"),
    ("HTTP/1.1 200\r\ncontent-length:5 \r\n\r\nhello", 200, true, "hello"),
    ("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, true, "hello"),
    ("HTTP/1.1 204 No Content\r\n\r\n", 204, true, ""),
    ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, true, ""),
    ("HTTP/1.1 500 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 500, false, ""),
    ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, false, "ok"),
    (
      "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", 200, true, "ok"
    ),
    ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, false, "until the end"),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nuntil the end", 200, false, "until the end"
    ),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=\"y\"\r\n!\r\n0\r\n\r\n",
      200, true, "hello!"
    ),
    (
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
      200, true, "0123456789"
    ),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      200, false, "a"
    ),
    (
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
      200, true, "!"
    ),
    ("HTTP/1.1 200 OK\r\nX: a\r\n  folded: b\r\nContent-Length: 1\r\n\r\n!", 200, true, "!"),
  ]

  @Test(arguments: right)
  func `an answer is read the same in whatever pieces it comes`(
    text: String, status: Int, keeps: Bool, body: String
  ) {
    let bytes = answer(text)
    let expected = Reading(
      progress: .complete(.init(status: status, keepsConnection: keeps)), body: answer(body))
    #expect(reading(bytes) == expected)
    for size in [1, 2, 3, 7] { #expect(reading(bytes, pieces: [size]) == expected) }
    for first in 1..<bytes.count {
      #expect(reading(bytes, pieces: [first, .max]) == expected, "split at \(first)")
    }
  }

  @Test(arguments: right)
  func `an answer that is cut off is never complete, unless its end was to be the connection's`(
    text: String, status: Int, keeps: Bool, body: String
  ) {
    let bytes = answer(text)
    for count in 0..<bytes.count {
      let found = reading(Array(bytes[..<count]))
      if case .complete(let head) = found.progress {
        #expect(text.hasSuffix("until the end") && !head.keepsConnection, "at \(count)")
      } else {
        #expect(found.progress == .incomplete)
      }
    }
  }

  @Test(
    arguments: [
      "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 0OO\r\n\r\n", "ICY 200 OK\r\n\r\n", "\r\n\r\n", "\0\u{1} what?\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\n: no name\r\n\r\n", "HTTP/1.1 200 OK\r\n folded at once\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
    ])
  func `what is no answer is told from one`(text: String) {
    #expect(reading(answer(text)).progress == .malformed)
    #expect(reading(answer(text), pieces: [1]).progress == .malformed)
  }

  @Test func `an answer to HEAD has no body`() {
    let found = reading(
      answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), isBodiless: true, closes: false)
    #expect(found.progress == .complete(.init(status: 200, keepsConnection: true)))
  }

  @Test func `what follows an answer unasked ends the connection`() {
    let found = reading(answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more"))
    #expect(found.progress == .complete(.init(status: 200, keepsConnection: false)))
    #expect(found.body == answer("ok"))
  }

  @Test(
    arguments: [
      "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 9_999),
      "HTTP/1.1 200 " + String(repeating: "O", count: 70_000),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
      String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 9_999),
    ])
  func `lines without end are refused before they fill the memory`(beginning: String) {
    var parser = ResponseParser()
    var progress = answer(beginning).withUnsafeBytes { parser.take($0) { _ in } }
    let more = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
    var count = 0
    while progress == .incomplete, count < 200 {
      progress = more.withUnsafeBytes { parser.take($0) { _ in } }
      count += 1
    }
    #expect(progress == .malformed)
    #expect(count * more.count <= ResponseParser.linesMax + more.count)
  }

  @Test func `bytes at random, and answers with random faults, end in an answer or an error`() {
    var chance = SeededGenerator(seed: 11)
    var kinds: [String: Int] = [:]
    for _ in 0..<4_000 {
      var bytes = answer(Self.right[Int.random(in: Self.right.indices, using: &chance)].text)
      for _ in 0..<Int.random(in: 1...6, using: &chance) { mutate(&bytes, using: &chance) }
      let size = Int.random(in: 1...40, using: &chance)
      let whole = reading(bytes)
      let parts = reading(bytes, pieces: [size])
      // A connection's end can come in the piece that had too much.
      if case .complete(let head) = whole.progress, case .complete(let other) = parts.progress {
        #expect(head.status == other.status)
      } else {
        #expect(whole.progress == parts.progress)
      }
      #expect(whole.body == parts.body)
      #expect(whole.body.count <= bytes.count)
      kinds["\(whole.progress)".prefix(9).description, default: 0] += 1
    }
    // All three ends were met.
    #expect(kinds.count == 3)
  }

  private func mutate(_ bytes: inout [UInt8], using chance: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &chance)
    switch Int.random(in: 0..<5, using: &chance) {
    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &chance)
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
    case 3: bytes.removeSubrange(place...)
    default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
    }
  }
}
