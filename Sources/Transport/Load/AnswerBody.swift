import StressTest

/// The body of an answer while it comes: counted, and kept only where it must be looked at.
struct AnswerBody {
  /// An answer longer than this, in bytes, is no right answer, and isn't read to its end.
  static let limit = 64 << 20
  /// Larger buffers are given back after use.
  private static let keptCapacity = 64 << 10

  private let expectation: ResponseExpectation
  private let isKept: Bool
  private let allowance: KeptBytes
  private(set) var bytes: [UInt8] = []
  private var count = 0
  private(set) var isTooLong = false

  /// - Parameter allowance: shared by all answers that come at the same time.
  init(expecting expectation: ResponseExpectation, within allowance: KeptBytes) {
    self.expectation = expectation
    self.allowance = allowance
    isKept = expectation.needsBody
  }

  mutating func reset() {
    count = 0
    isTooLong = false
    guard isKept else { return }
    allowance.left += bytes.count
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
  }

  mutating func append(_ piece: UnsafeRawBufferPointer) {
    count += piece.count
    isTooLong = isTooLong || count > Self.limit || (isKept && piece.count > allowance.left)
    guard isKept, !isTooLong else { return }
    allowance.left -= piece.count
    bytes.append(contentsOf: piece)
  }

  /// What the complete answer means for its request.
  func result(status: Int) -> RequestResult {
    switch status {
    case 200..<300: expectation.accepts(bytes) ? .success : .wrongContent
    case 300..<400: .redirected
    default: .statusNotOK
    }
  }
}

/// How many bytes of answers may still be kept, over all connections.
final class KeptBytes {
  var left = 256 << 20
}
