import StressTest
import Testing

/// Held against the examples and rules of WHATWG HTML, *Server-sent events*.
@Suite struct ServerSentEventsTests {
  private func texts(_ stream: String) -> [String]? {
    events(of: [Array(stream.utf8)])?.map { String(decoding: $0.data, as: UTF8.self) }
  }

  @Test(
    arguments: [
      ("data: one\n\n", ["one"]), ("data:one\n\ndata: two\n\n", ["one", "two"]),
      // The lines of an event are joined, and one space after the colon isn't part of it.
      ("data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
      ("data:  two spaces\n\n", [" two spaces"]),
      // All three line ends, also mixed.
      ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"]),
      ("data: a\r\n\ndata: b\n\r\n", ["a", "b"]),
      // Comments keep a connection alive.
      (": ping\n\n:\n\ndata: x\n: ping\n\n", ["x"]),
      // A name without a colon is a field without a value.
      ("data\n\ndata\ndata\n\ndata:", ["", "\n"]),
      // What is unknown is passed over.
      ("id: 7\nretry: 10\nfoo: bar\ndata: x\n\nid: 8\n\n", ["x"]),
      ("\u{FEFF}data: behind a mark\n\n", ["behind a mark"]), (" data: not at the start\n\n", []),
      // What has no empty line behind it isn't over.
      ("data: one\n\ndata: two\n", ["one"]), ("", []),
    ] as [(String, [String])])
  func `a stream has these events`(stream: String, expected: [String]) {
    #expect(texts(stream) == expected)
  }

  @Test func `an event may have a type, which the next has not`() {
    let stream = "event: error\ndata: a\n\ndata: b\n\n"
    #expect(
      events(of: [Array(stream.utf8)]) == [
        .init(type: Array("error".utf8), data: Array("a".utf8)), .init(data: Array("b".utf8)),
      ])
  }

  @Test(arguments: ["data: ", "", ":", "event: ", "data: x\ndata: "])
  func `an event without end is given up, however it comes`(start: String) {
    let endless = [Array(start.utf8)] + Array(repeating: Array("xxxxxxxxxx".utf8), count: 200)
    #expect(events(of: endless, bytesMax: 1_000) == nil)
    #expect(events(of: endless, bytesMax: 10_000) == [])
    let lines = Array(repeating: Array("data: x\n".utf8), count: 1_000)
    #expect(events(of: lines, bytesMax: 1_000) == nil)
  }

  @Test func `bytes that are no UTF-8 go through as they are`() {
    #expect(
      events(of: [Array("data: ".utf8) + [0xFF, 0x00, 0xC3] + [10, 10]])?.first?.data == [
        0xFF, 0, 0xC3,
      ])
  }
}
