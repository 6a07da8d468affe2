import StressTest
import Tuning

extension [UInt8] {
  /// Cut at places that the chance decides on; empty pieces among them.
  func pieces(_ chance: inout SeededGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = self[...]
    let longest = [1, 3, 17, 400].randomElement(using: &chance) ?? 1
    while !rest.isEmpty {
      let count = Swift.min(Int.random(in: 0...longest, using: &chance), rest.count)
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }

  /// With a few bytes changed, dropped, doubled or put in.
  func mutated(_ chance: inout SeededGenerator, alphabet: [UInt8]) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 1...4, using: &chance) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &chance)
      let byte = alphabet.randomElement(using: &chance) ?? 0
      switch Int.random(in: 0..<5, using: &chance) {
      case 0: bytes[place] = byte
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &chance)
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(byte, at: place)
      default:
        let end = Swift.min(place + Int.random(in: 1...30, using: &chance), bytes.count)
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }
}

/// Every event of a stream, given in these pieces.
func events(of pieces: [[UInt8]], bytesMax: Int = 1 << 20) -> [ServerSentEvents.Event]? {
  var parser = ServerSentEvents(bytesMax: bytesMax)
  var events: [ServerSentEvents.Event] = []
  for piece in pieces { piece.withUnsafeBytes { parser.append($0) { events.append($0) } } }
  return parser.isTooLong ? nil : events
}

/// What a completion means that comes in these pieces, one each millisecond.
func completion(_ pieces: [[UInt8]]) -> (result: RequestResult, generation: Generation) {
  var answer = CompletionAnswer()
  for (index, piece) in pieces.enumerated() {
    piece.withUnsafeBytes { answer.append($0, at: Int64(index + 1) * 1_000_000) }
  }
  return (answer.end(), answer.generation)
}

func completion(_ text: String) -> (result: RequestResult, generation: Generation) {
  completion([Array(text.utf8)])
}

/// The message of a gRPC answer in these pieces; nil where there is none.
func message(of pieces: [[UInt8]]) -> [UInt8]? {
  var frames = RPCFrames()
  for piece in pieces { piece.withUnsafeBytes { frames.append($0) } }
  return frames.message
}

func hexadecimal(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }
  return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
    let start = digits.index(digits.startIndex, offsetBy: offset)
    return UInt8(digits[start...].prefix(2), radix: 16)
  }
}
