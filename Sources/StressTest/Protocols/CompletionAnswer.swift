/// The answer of an OpenAI-compatible server to a chat or a completion while it comes: as a stream
/// of events, or whole. Which of them it is, its first byte shows.
package struct CompletionAnswer: Sendable {
  /// A longer answer in one piece is no right one, in bytes.
  package static let wholeMax = 16 << 20
  /// A stream of more pieces with content is no right one.
  package static let piecesMax = 1 << 20

  private var whole: [UInt8] = []
  private var events = ServerSentEvents()
  /// Nil until there is a byte that isn't space.
  private var isStream: Bool?
  private var arrivals: [Int64] = []
  private var inputTokens: Int?
  private var outputTokens: Int?
  private var hasChoices = false
  private var isFinished = false
  /// Whether the stream said that nothing more comes.
  private var isDone = false
  private var failure: RequestResult?

  package init() {}

  /// Whether it is longer than any right answer may be.
  package private(set) var isTooLong = false

  /// How many bytes of it are kept.
  package var keptCount: Int { whole.count }

  /// - Parameter instant: when the piece came, in nanoseconds after the request was sent.
  package mutating func append(_ piece: UnsafeRawBufferPointer, at instant: Int64) {
    guard !isTooLong else { return }
    if isStream == nil {
      isStream = piece.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        .map { $0 != UInt8(ascii: "{") }
      if isStream == true { whole = [] }
    }
    // As long as there is only space, it may become either.
    if isStream != false {
      // The closure may not hold on to self while its parser runs.
      var taken: [ServerSentEvents.Event] = []
      events.append(piece) { taken.append($0) }
      for event in taken { take(event, at: instant) }
      isTooLong = events.isTooLong || arrivals.count > Self.piecesMax
    }
    if isStream != true {
      isTooLong = isTooLong || whole.count + piece.count > Self.wholeMax
      if !isTooLong { whole.append(contentsOf: piece) }
    }
    if isTooLong {
      whole = []
      arrivals = []
    }
  }

  private mutating func take(_ event: ServerSentEvents.Event, at instant: Int64) {
    guard !isDone, failure == nil else { return }
    if event.data.elementsEqual("[DONE]".utf8) {
      isDone = true
      return
    }
    guard let part = CompletionPart(event.data) else {
      failure = event.type.elementsEqual("error".utf8) ? .errorInStream : .wrongContent
      return
    }
    if part.isError || event.type.elementsEqual("error".utf8) {
      failure = .errorInStream
      return
    }
    if part.hasContent { arrivals.append(instant) }
    hasChoices = hasChoices || part.choices ?? 0 > 0
    isFinished = isFinished || part.isFinished
    inputTokens = part.inputTokens ?? inputTokens
    outputTokens = part.outputTokens ?? outputTokens
  }

  /// What the answer means for its request, once it is complete: a stream must have had choices,
  /// no error, and an end of its own; a whole answer must have choices with a message or a text.
  package mutating func end() -> RequestResult {
    guard !isTooLong else { return .tooLong }
    switch isStream {
    case nil: return .wrongContent
    case true?:
      return failure ?? (hasChoices && (isDone || isFinished) ? .success : .wrongContent)
    case false?:
      guard let part = CompletionPart(whole) else { return .wrongContent }
      guard !part.isError else { return .errorInStream }
      (inputTokens, outputTokens) = (part.inputTokens, part.outputTokens)
      let choices = part.choices ?? 0
      return choices > 0 && part.messages >= choices ? .success : .wrongContent
    }
  }

  /// What it tells beside, after its end.
  package var generation: Generation {
    Generation(arrivals: arrivals, inputTokens: inputTokens, outputTokens: outputTokens)
  }
}
