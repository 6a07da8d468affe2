/// The events of a stream of `text/event-stream` (WHATWG HTML, *Server-sent events*), read from
/// bytes that may be cut anywhere.
package struct ServerSentEvents: Sendable {
  /// One event; a stream names its type seldom.
  package struct Event: Hashable, Sendable {
    package var type: [UInt8] = []
    /// The lines of data, joined by line feeds.
    package var data: [UInt8] = []

    package init(type: [UInt8] = [], data: [UInt8] = []) {
      self.type = type
      self.data = data
    }
  }

  private let bytesMax: Int
  /// The line that isn't over yet.
  private var line: [UInt8] = []
  private var event = Event()
  private var hasData = false
  /// Whether the last line ended with a carriage return, which a line feed may complete.
  private var wasReturn = false
  private var isFirstLine = true
  /// Whether an event was longer than it may be; nothing is read any more.
  package private(set) var isTooLong = false

  /// - Parameter bytesMax: of one event, with the line under way.
  package init(bytesMax: Int = 1 << 20) { self.bytesMax = bytesMax }

  /// Reads a piece of the stream. An event is taken as soon as the empty line behind it is there.
  package mutating func append(_ piece: UnsafeRawBufferPointer, _ take: (Event) -> Void) {
    var start = 0
    for index in piece.indices where !isTooLong {
      let byte = piece[index]
      guard byte == 0x0A || byte == 0x0D else {
        wasReturn = false
        continue
      }
      if byte == 0x0A, wasReturn {
        start = index + 1
        wasReturn = false
        continue
      }
      wasReturn = byte == 0x0D
      extend(with: UnsafeRawBufferPointer(rebasing: piece[start..<index]))
      start = index + 1
      if !isTooLong { endLine(take) }
    }
    if start < piece.count, !isTooLong {
      extend(with: UnsafeRawBufferPointer(rebasing: piece[start...]))
    }
  }

  private mutating func extend(with bytes: UnsafeRawBufferPointer) {
    guard line.count + event.data.count + event.type.count + bytes.count <= bytesMax else {
      isTooLong = true
      line = []
      event = Event()
      return
    }
    line.append(contentsOf: bytes)
  }

  private mutating func endLine(_ take: (Event) -> Void) {
    defer { line.removeAll(keepingCapacity: line.capacity <= 4_096) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    guard !line.isEmpty else {
      if hasData { take(event) }
      event = Event()
      hasData = false
      return
    }
    let colon = line.firstIndex(of: UInt8(ascii: ":"))
    let name = line[..<(colon ?? line.endIndex)]
    var value = colon.map { line[($0 + 1)...] } ?? []
    if value.first == 0x20 { value.removeFirst() }
    if name.elementsEqual("data".utf8) {
      if hasData { event.data.append(0x0A) }
      hasData = true
      event.data.append(contentsOf: value)
    } else if name.elementsEqual("event".utf8) {
      event.type = Array(value)
    }
  }
}
