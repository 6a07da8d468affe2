import StressTest
import Testing

/// What OpenAI-compatible servers answer, in the forms of several of them.
@Suite struct CompletionAnswerTests {
  private func chunk(_ content: String, finish: String = "null") -> String {
    #"data: {"id":"c","choices":[{"index":0,"delta":{"content":"\#(content)"},"finish_reason":\#(finish)}]}"#
      + "\n\n"
  }

  private let role =
    #"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
    + "\n\n"
  private let usage =
    #"data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":7,"total_tokens":19}}"#
    + "\n\n"

  @Test func `a stream tells when each piece came; the role alone is none`() {
    let stream = [
      role, chunk("Hel"), ": ping\n\n", chunk("lo"), chunk("", finish: "\"stop\""), usage,
      "data: [DONE]\n\n",
    ]
    let (result, generation) = completion(stream.map { Array($0.utf8) })
    #expect(result == .success)
    #expect(generation.arrivals == [2_000_000, 4_000_000])
    #expect(generation.gaps == [2])
    #expect(generation.inputTokens == 12 && generation.outputTokens == 7)
    // Six tokens came in the two milliseconds after the first.
    #expect(abs((generation.timePerOutputToken ?? 0) - 2.0 / 6) < 1e-12)
  }

  @Test func `without a count each piece is a token`() {
    let stream =
      role + chunk("a") + chunk("b") + chunk("c", finish: "\"length\"") + "data: [DONE]\n\n"
    let (result, generation) = completion(stream)
    #expect(result == .success)
    #expect(generation.outputTokens == 3 && generation.inputTokens == nil)
  }

  @Test(arguments: [
    // Completions, reasoning, tools, a refusal, and several choices in one piece.
    #"{"choices":[{"text":"a"}]}"#, #"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
    #"{"choices":[{"delta":{"content":null,"tool_calls":[{"index":0}]}}]}"#,
    #"{"choices":[{"delta":{"refusal":"no"}}]}"#,
    #"{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}"#,
  ])
  func `content has many forms`(chunk: String) {
    let (result, generation) = completion("data: \(chunk)\n\ndata: [DONE]\n\n")
    #expect(result == .success)
    #expect(generation.arrivals.count == 1)
  }

  @Test func `data may come in several lines, with any line ends`() {
    let stream =
      "data: {\"choices\":\r\ndata: [{\"text\":\"a\",\"finish_reason\":\"stop\"}]}\r\n\r\n"
    #expect(completion(stream).result == .success)
  }

  @Test func `a stream that fails is an error, whatever came before`() {
    for failure in [
      #"data: {"error":{"message":"out of memory","code":500}}"#,
      #"data: {"object":"error","message":"out of memory"}"#, "event: error\ndata: out of memory",
      #"event: error\#ndata: {"choices":[]}"#,
    ] {
      #expect(
        completion(role + chunk("a") + failure + "\n\ndata: [DONE]\n\n").result == .errorInStream,
        "\(failure)")
    }
    #expect(completion(#"{"error":{"message":"busy"}}"#).result == .errorInStream)
  }

  @Test func `a stream that isn't one is wrong`() {
    for stream in [
      "", " \n", "hello", "data: [DONE]\n\n", "data: {\n\n", "data: 7\n\ndata: [DONE]\n\n",
      role + chunk("a"), role + chunk("a") + "data: [DONE]",
      chunk("a") + "data: {\"choices\":7}\n\n",
      usage + "data: [DONE]\n\n", "<html>busy</html>",
    ] {
      #expect(completion(stream).result == .wrongContent, "\(stream)")
    }
    let notText =
      Array("data: {\"choices\":[{\"text\":\"".utf8) + [0xFF]
      + Array("\"}]}\n\ndata: [DONE]\n\n".utf8)
    #expect(completion([notText]).result == .wrongContent)
  }

  @Test(arguments: [
    (
      #"{"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
      RequestResult.success
    ),
    (#" {"choices":[{"text":""}],"usage":null,"error":null}"#, .success),
    (#"{"choices":[{"message":{"content":null,"tool_calls":[{}]}}]}"#, .success),
    (#"{"choices":[]}"#, .wrongContent), (#"{"choices":[{}]}"#, .wrongContent),
    ("{}", .wrongContent),
    (#"{"choices":[{"message":{"content":"hi"}}"#, .wrongContent),
    (#"{"choices":[{"message":{"content":7}}]}"#, .success),
  ])
  func `a whole answer has a message or a text`(body: String, expected: RequestResult) {
    let (result, generation) = completion(body)
    #expect(result == expected)
    #expect(generation.arrivals.isEmpty && generation.gaps.isEmpty)
    #expect(generation.timePerOutputToken == nil)
    if body.contains("prompt_tokens") {
      #expect(generation.inputTokens == 3 && generation.outputTokens == 2)
    }
  }

  @Test func `no answer takes more memory than it may`() {
    var answer = CompletionAnswer()
    let piece = [UInt8](repeating: 0x20, count: 1 << 20)
    Array("{".utf8).withUnsafeBytes { answer.append($0, at: 0) }
    for _ in 0..<20 { piece.withUnsafeBytes { answer.append($0, at: 0) } }
    #expect(answer.isTooLong && answer.keptCount == 0)
    #expect(answer.end() == .tooLong)
    var stream = CompletionAnswer()
    Array("data: ".utf8).withUnsafeBytes { stream.append($0, at: 0) }
    for _ in 0..<3 { piece.withUnsafeBytes { stream.append($0, at: 0) } }
    #expect(stream.isTooLong && stream.end() == .tooLong)
  }
}
