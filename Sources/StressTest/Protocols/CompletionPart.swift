/// What one object of an OpenAI-compatible interface says: a chunk of a stream, or a whole answer;
/// of a chat (`delta`, `message`) or a completion (`text`).
struct CompletionPart: Hashable, Sendable {
  /// How many choices it has; nil where it has no such member.
  private(set) var choices: Int?
  /// Choices that are a message or a text, be they empty.
  private(set) var messages = 0
  /// Whether something was generated in it. The role alone, with which streams begin, is nothing.
  private(set) var hasContent = false
  /// Whether a choice says why it ended.
  private(set) var isFinished = false
  private(set) var isError = false
  private(set) var inputTokens: Int?
  private(set) var outputTokens: Int?

  /// Nil where the bytes are no JSON object, or `choices` isn't what it should be.
  init?(_ bytes: [UInt8]) {
    var scanner = JSONScanner(bytes)
    var part = Self()
    let isRead = scanner.object { key, value in
      switch key {
      case "choices": return part.readChoices(&value)
      case "usage": return part.readUsage(&value)
      case "error":
        part.isError = part.isError || value.kind() != .null
        return value.skip()
      case "object":
        // As older servers report errors.
        guard value.kind() == .text else { return value.skip() }
        let text = value.text()
        part.isError = part.isError || text == "error"
        return text != nil
      default: return value.skip()
      }
    }
    guard isRead, scanner.isAtEnd() else { return nil }
    self = part
  }

  private init() {}

  private mutating func readChoices(_ scanner: inout JSONScanner) -> Bool {
    guard scanner.kind() == .array else { return scanner.kind() == .null && scanner.skip() }
    var count = 0
    var part = self
    let isRead = scanner.array { choice in
      count += 1
      return part.readChoice(&choice)
    }
    part.choices = count
    self = part
    return isRead
  }

  private mutating func readChoice(_ scanner: inout JSONScanner) -> Bool {
    var part = self
    let isRead = scanner.object { key, value in
      switch key {
      case "delta", "message":
        guard value.kind() == .object else { return value.kind() == .null && value.skip() }
        part.messages += 1
        return part.readMessage(&value)
      case "text":
        guard value.kind() == .text else { return value.kind() == .null && value.skip() }
        part.messages += 1
        return part.readText(&value)
      case "finish_reason":
        part.isFinished = part.isFinished || value.kind() != .null
        return value.skip()
      default: return value.skip()
      }
    }
    self = part
    return isRead
  }

  private mutating func readMessage(_ scanner: inout JSONScanner) -> Bool {
    var part = self
    let isRead = scanner.object { key, value in
      switch key {
      case "content", "reasoning_content", "reasoning", "refusal":
        return value.kind() == .text ? part.readText(&value) : value.skip()
      case "tool_calls", "function_call":
        part.hasContent = part.hasContent || value.kind() != .null
        return value.skip()
      default: return value.skip()
      }
    }
    self = part
    return isRead
  }

  private mutating func readText(_ scanner: inout JSONScanner) -> Bool {
    guard let text = scanner.text() else { return false }
    hasContent = hasContent || !text.isEmpty
    return true
  }

  private mutating func readUsage(_ scanner: inout JSONScanner) -> Bool {
    guard scanner.kind() == .object else { return scanner.kind() == .null && scanner.skip() }
    var part = self
    let isRead = scanner.object { key, value in
      guard ["prompt_tokens", "completion_tokens"].contains(key), value.kind() == .number else {
        return value.skip()
      }
      guard let text = value.number() else { return false }
      let count = Int(text).flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
      if key == "prompt_tokens" { part.inputTokens = count } else { part.outputTokens = count }
      return true
    }
    self = part
    return isRead
  }
}
