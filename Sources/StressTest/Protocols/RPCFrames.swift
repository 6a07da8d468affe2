/// The one message of a unary gRPC answer, read from bytes that may be cut anywhere (gRPC,
/// *gRPC over HTTP2*: a byte that says whether it is compressed, four of its length, the message).
package struct RPCFrames: Sendable {
  /// A longer message is no right answer, in bytes.
  package static let messageMax = 64 << 20
  private static let headCount = 5

  private var head: [UInt8] = []
  private var body: [UInt8] = []
  private var length: Int?
  /// Whether it is compressed, which nobody asked for, or more follows.
  package private(set) var isMalformed = false
  package private(set) var isTooLong = false

  package init() {}

  /// How many bytes of it are kept.
  package var keptCount: Int { body.count }

  package mutating func append(_ piece: UnsafeRawBufferPointer) {
    var rest = piece[...]
    while !rest.isEmpty, !isMalformed, !isTooLong {
      guard let length else {
        let taken = rest.prefix(Self.headCount - head.count)
        head.append(contentsOf: taken)
        rest = rest.dropFirst(taken.count)
        if head.count == Self.headCount { readHead() }
        continue
      }
      guard body.count < length else {
        isMalformed = true
        break
      }
      let taken = rest.prefix(length - body.count)
      body.append(contentsOf: taken)
      rest = rest.dropFirst(taken.count)
    }
    if isMalformed || isTooLong { body = [] }
  }

  private mutating func readHead() {
    let count = head.dropFirst().reduce(0) { $0 << 8 | Int($1) }
    isMalformed = head[0] != 0
    isTooLong = !isMalformed && count > Self.messageMax
    length = count
  }

  /// The message; nil as long as it isn't complete.
  package var message: [UInt8]? { !isMalformed && !isTooLong && length == body.count ? body : nil }

  /// A message as it is sent.
  package static func framed(_ message: [UInt8]) -> [UInt8] {
    let count = UInt32(clamping: message.count)
    return [0] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + message
  }
}
