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
  /// Where the answer is read while it comes.
  private var completion: CompletionAnswer?
  private var frames: RPCFrames?
  private var keptByReader = 0
  /// When the request was sent.
  private var begun: Int64 = 0
  private var count = 0
  private(set) var isTooLong = false

  /// - Parameter allowance: shared by all answers that come at the same time.
  init(expecting expectation: ResponseExpectation, within allowance: KeptBytes) {
    self.expectation = expectation
    self.allowance = allowance
    isKept = expectation.needsBody
    reset()
  }

  /// Makes ready for the answer to a request that was sent at the instant.
  mutating func reset(at instant: Int64 = 0) {
    count = 0
    isTooLong = false
    begun = instant
    allowance.left += keptByReader
    keptByReader = 0
    if expectation == .completions { completion = CompletionAnswer() }
    if case .inferenceCall = expectation { frames = RPCFrames() }
    guard isKept else { return }
    allowance.left += bytes.count
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
  }

  mutating func append(_ piece: UnsafeRawBufferPointer) {
    count += piece.count
    isTooLong = isTooLong || count > Self.limit || (isKept && piece.count > allowance.left)
    guard !isTooLong else { return }
    completion?.append(piece, at: MonotonicClock.now() - begun)
    frames?.append(piece)
    if completion != nil || frames != nil { accountForReader() }
    guard isKept else { return }
    allowance.left -= piece.count
    bytes.append(contentsOf: piece)
  }

  private mutating func accountForReader() {
    let kept = (completion?.keptCount ?? 0) + (frames?.keptCount ?? 0)
    allowance.left -= kept - keptByReader
    keptByReader = kept
    isTooLong =
      completion?.isTooLong ?? false || frames?.isTooLong ?? false || allowance.left < 0
  }

  /// What the complete answer means for its request.
  ///
  /// - Parameter rpc: how the call ended, where it is one.
  mutating func result(status: Int, rpc: RPCStatus = RPCStatus()) -> RequestResult {
    switch status {
    case 200..<300:
      if completion != nil { return completion?.end() ?? .otherFailure }
      if case .inferenceCall(let method) = expectation { return result(of: method, rpc) }
      return expectation.accepts(bytes) ? .success : .wrongContent
    case 300..<400: return .redirected
    default: return .statusNotOK
    }
  }

  private func result(of method: InferenceCall.Method, _ rpc: RPCStatus) -> RequestResult {
    guard rpc.result == .success else { return rpc.result }
    guard let message = frames?.message else { return .malformed }
    return InferenceCall.result(of: message, to: method)
  }

  /// What the complete answer tells beside; nil where it wasn't generated.
  var generation: Generation? { completion?.generation }
}

/// How many bytes of answers may still be kept, over all connections.
final class KeptBytes {
  var left = 256 << 20
}
