import Foundation
import StressTest
import Testing
import Tuning

/// Every parser of bytes from outside, over some thousand seeded inputs each: none ends the
/// program, and none cares how the bytes were cut.
@Suite struct ParserFuzzTests {
  private static let cases = 3_000

  // MARK: Streams of events

  private static let lines = [
    "data: x", "data:", "data", "data:  two ", ": ping", ":", "event: error", "event", "id: 1", "",
    "", "", "data: [DONE]", "retry: x", "dat: a", "data: é😀", " data: y", "data:a:b",
    "\u{FEFF}data: z",
    #"data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}]}"#,
    #"data: {"choices":[{"text":"b","finish_reason":"stop"}]}"#,
    #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
    #"data: {"error":{"code":500}}"#,
  ]

  private func stream(_ chance: inout SeededGenerator) -> [UInt8] {
    var stream: [UInt8] = []
    for _ in 0..<Int.random(in: 0...12, using: &chance) {
      let line = Self.lines.randomElement(using: &chance) ?? ""
      let end = ["\n", "\r", "\r\n"].randomElement(using: &chance) ?? ""
      stream += Array((line + end).utf8)
    }
    let isMutated = Bool.random(using: &chance)
    return isMutated ? stream.mutated(&chance, alphabet: Array("\r\n: data".utf8)) : stream
  }

  /// The rules once more, for a stream that is there as a whole.
  private func eventsByTheBook(_ stream: [UInt8]) -> [ServerSentEvents.Event] {
    var rest = stream[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    var events: [ServerSentEvents.Event] = []
    var (type, data, hasData): ([UInt8], [[UInt8]], Bool) = ([], [], false)
    while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
      let line = rest[..<end]
      let isPair = rest[end] == 13 && rest.index(after: end) < rest.endIndex && rest[end + 1] == 10
      rest = rest[(end + (isPair ? 2 : 1))...]
      let parts = line.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count < 2 ? [] : parts[1].first == 0x20 ? parts[1].dropFirst() : parts[1]
      if line.isEmpty {
        if hasData { events.append(.init(type: type, data: Array(data.joined(separator: [10])))) }
        (type, data, hasData) = ([], [], false)
      } else if Array(parts[0]) == Array("data".utf8) {
        hasData = true
        data.append(Array(value))
      } else if Array(parts[0]) == Array("event".utf8) {
        type = Array(value)
      }
    }
    return events
  }

  @Test func `events don't depend on how a stream is cut`() {
    var chance = SeededGenerator(seed: 1, stream: 1)
    for _ in 0..<Self.cases {
      let stream = stream(&chance)
      let expected = eventsByTheBook(stream)
      #expect(events(of: [stream]) == expected, "\(stream)")
      #expect(events(of: stream.pieces(&chance)) == expected, "\(stream)")
    }
  }

  @Test func `a completion doesn't either`() {
    var chance = SeededGenerator(seed: 2, stream: 1)
    var results: Set<RequestResult> = []
    for _ in 0..<Self.cases {
      let stream = stream(&chance)
      let whole = completion([stream])
      let cut = completion(stream.pieces(&chance))
      #expect(whole.result == cut.result, "\(stream)")
      #expect(whole.generation.arrivals.count == cut.generation.arrivals.count, "\(stream)")
      #expect(whole.generation.outputTokens == cut.generation.outputTokens)
      results.insert(whole.result)
    }
    #expect(results.isSuperset(of: [.success, .wrongContent, .errorInStream]))
  }

  // MARK: JSON

  private func json(_ chance: inout SeededGenerator, depth: Int = 0) -> String {
    switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &chance) {
    case 0: return ["true", "false", "null"].randomElement(using: &chance) ?? ""
    case 1: return "\(Int.random(in: -1_000...1_000, using: &chance))"
    case 2: return ["-0.5", "1e3", "2.5E-2", "0"].randomElement(using: &chance) ?? ""
    case 3: return ["\"\"", "\"a b\"", #""\n\"\\""#, "\"é😀\""].randomElement(using: &chance) ?? ""
    case 4: return ["{}", "[]", " [ ] "].randomElement(using: &chance) ?? ""
    case 5, 6:
      return "["
        + (0..<Int.random(in: 1...4, using: &chance)).map { _ in json(&chance, depth: depth + 1) }
        .joined(separator: ", ") + "]"
    default:
      return "{"
        + (0..<Int.random(in: 1...3, using: &chance)).map { index in
          "\"k\(index)\" : " + json(&chance, depth: depth + 1)
        }.joined(separator: ",") + "}"
    }
  }

  @Test func `what is JSON is JSON to Foundation too`() {
    var chance = SeededGenerator(seed: 3, stream: 1)
    var counts = [true: 0, false: 0]
    for index in 0..<Self.cases {
      var bytes = Array(json(&chance).utf8)
      if index.isMultiple(of: 2) {
        bytes = bytes.mutated(&chance, alphabet: Array("[]{},:\"0123.eE-+tfn \\".utf8))
      }
      var scanner = JSONScanner(bytes)
      let isTaken = scanner.skip() && scanner.isAtEnd()
      counts[isTaken, default: 0] += 1
      // Foundation guesses at other encodings, and bounds numbers.
      guard !bytes.contains(0), !bytes.starts(with: [0xEF]), !bytes.starts(with: [0xFE]),
        !bytes.starts(with: [0xFF]), !bytes.contains(UInt8(ascii: "e")),
        !bytes.contains(UInt8(ascii: "E")), bytes.count < 400
      else { continue }
      let object = try? JSONSerialization.jsonObject(
        with: Data(bytes), options: .fragmentsAllowed)
      #expect(isTaken == (object != nil), "\(String(decoding: bytes, as: UTF8.self)) \(bytes)")
    }
    #expect(counts.values.allSatisfy { $0 > Self.cases / 10 })
  }

  @Test func `answers in JSON of any content are judged`() {
    let right = [
      #"{"outputs": [{"name": "y", "datatype": "FP32", "shape": [2], "data": [1, 2.5]}]}"#,
      #"{"outputs": [{"name": "y", "datatype": "BYTES", "shape": [1], "data": ["é"]}]}"#,
      #"{"predictions": [[1, 2], [3, 4]]}"#, #"{"outputs": {"a": [true]}}"#,
      #"{"choices":[{"message":{"content":"a"}}],"usage":{"completion_tokens":1}}"#,
    ].map { Array($0.utf8) }
    var chance = SeededGenerator(seed: 4, stream: 1)
    var counts = (right: 0, wrong: 0)
    for _ in 0..<Self.cases {
      let body = (right.randomElement(using: &chance) ?? [])
        .mutated(&chance, alphabet: Array("[]{},:\"01e-".utf8))
      let whole = completion([body]).result
      #expect(whole == completion(body.pieces(&chance)).result)
      let isRight =
        InferenceAnswer.isRight(body) || PredictionAnswer.isRight(body) || whole == .success
      if isRight { counts.right += 1 } else { counts.wrong += 1 }
    }
    #expect(counts.right > 20 && counts.wrong > Self.cases / 2)
  }

  // MARK: gRPC

  @Test func `a message doesn't depend on how its frame is cut`() {
    var chance = SeededGenerator(seed: 5, stream: 1)
    for _ in 0..<Self.cases {
      let content = (0..<Int.random(in: 0...600, using: &chance)).map {
        UInt8(truncatingIfNeeded: $0)
      }
      let frame = RPCFrames.framed(content)
      #expect(message(of: frame.pieces(&chance)) == content)
      let other = frame.mutated(&chance, alphabet: [0, 1, 255])
      #expect(message(of: [other]) == message(of: other.pieces(&chance)))
    }
  }

  @Test func `messages of any content are judged`() throws {
    let call = try InferenceCall(url: "http://h/v2/models/m/infer")
    let request = try call.body(of: .infer, json: RPCTests.request)
    var chance = SeededGenerator(seed: 6, stream: 1)
    var results: [RequestResult: Int] = [:]
    for _ in 0..<Self.cases {
      for reply in [RPCTests.typedReply, RPCTests.rawReply, Array(request.dropFirst(5))] {
        let bytes = reply.mutated(&chance, alphabet: [0, 1, 0x0A, 0x80, 0xFF])
        results[InferenceCall.result(of: bytes, to: .infer), default: 0] += 1
        results[InferenceCall.result(of: bytes, to: .ready), default: 0] += 1
      }
    }
    #expect(results[.success] ?? 0 > 20 && results[.wrongContent] ?? 0 > Self.cases)
    #expect(results[.malformed] ?? 0 > 20)
  }

  @Test func `a status of any content is read`() {
    var chance = SeededGenerator(seed: 7, stream: 1)
    for _ in 0..<Self.cases {
      let line = Array("grpc-message: no%20such%20model%C3%A9\r\n".utf8)
        .mutated(&chance, alphabet: Array("%:0aF\r\n".utf8))
      var status = RPCStatus()
      line.withUnsafeBytes { status.read($0) }
      #expect(status.message.utf8.count <= 3 * RPCStatus.messageMax)
      #expect(!status.message.unicodeScalars.contains { $0.value < 0x20 })
    }
  }

  @Test func `requests of any content go over gRPC or say why not`() throws {
    let call = try InferenceCall(url: "http://h/v2/models/m/infer")
    var chance = SeededGenerator(seed: 8, stream: 1)
    var counts = (sent: 0, refused: 0)
    for _ in 0..<Self.cases {
      let json = RPCTests.request.mutated(&chance, alphabet: Array("[]{},:\"01e-".utf8))
      do throws(InferenceCallError) {
        let body = try call.body(of: .infer, json: json)
        #expect(message(of: [body]) != nil)
        counts.sent += 1
      } catch {
        #expect(!error.found.isEmpty && !error.needed.isEmpty)
        counts.refused += 1
      }
    }
    #expect(counts.sent > 20 && counts.refused > 20)
  }
}
