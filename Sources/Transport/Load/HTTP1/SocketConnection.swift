import CCurl
import Glibc
import StressTest

/// One connection of HTTP/1.1, and the request that is under way over it.
final class SocketConnection {
  /// Nobody else uses the slot while it is open.
  let slot: Int
  /// Of the target's addresses, which one.
  let addressIndex: Int
  let descriptor: Int32
  let secure: SecureChannel?
  /// Whether the connection, and where there is one its secure channel, can carry requests.
  var isOpen = false
  /// Whether TCP has connected.
  var isConnected = false
  /// Answers so far.
  var served = 0
  /// The number of the request under way; nil while it is idle.
  private(set) var number: Int?
  /// When it was sent first.
  private(set) var begun: Int64 = 0
  /// Whether any byte of its answer has come.
  private(set) var hasAnswerBegun = false
  /// Whether the last piece was all that was there, so that more will be told.
  private(set) var isDrained = false
  private(set) var request: [UInt8] = []
  private var sent = 0
  private(set) var body: AnswerBody
  private var parser: ResponseParser

  init(
    slot: Int, addressIndex: Int, descriptor: Int32, secure: SecureChannel?, body: AnswerBody,
    isBodiless: Bool
  ) {
    self.slot = slot
    self.addressIndex = addressIndex
    self.descriptor = descriptor
    self.secure = secure
    self.body = body
    parser = ResponseParser(isBodiless: isBodiless)
  }

  func begin(_ number: Int, _ request: [UInt8], at instant: Int64) {
    self.number = number
    self.request = request
    begun = instant
    sent = 0
    hasAnswerBegun = false
    parser.reset()
    body.reset(at: instant)
  }

  /// What the complete answer means for its request.
  func result(status: Int) -> RequestResult { body.result(status: status) }

  /// Forgets the request.
  func end() {
    number = nil
    request = []
    body.reset()
  }

  /// Whether the server has all of the request.
  var isSent: Bool { sent == request.count }

  enum Transfer: Hashable {
    case done
    /// No more can be sent, or came, for now.
    case blocked
    /// The server closed it in order.
    case closed
    case failed(RequestResult)
  }

  /// Opens the secure channel, if there is one.
  func open() -> Transfer {
    let transfer = secure?.handshake() ?? .done
    isOpen = transfer == .done
    return transfer
  }

  /// Sends what is left of the request.
  func flush() -> Transfer {
    while sent < request.count {
      let written = request.withUnsafeBytes { bytes in
        Self.write(UnsafeRawBufferPointer(rebasing: bytes[sent...]), to: descriptor, secure)
      }
      guard case .count(let count) = written else { return written.transfer }
      sent += count
    }
    return .done
  }

  /// Receives a piece of the answer and reads it.
  func receive(with buffer: UnsafeMutableRawBufferPointer) -> (Transfer, ResponseParser.Progress) {
    let result = Self.read(into: buffer, from: descriptor, secure)
    switch result {
    case .count(let count):
      hasAnswerBegun = true
      let progress = parser.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
        body.append($0)
      }
      isDrained = secure == nil && count < buffer.count
      return (.done, progress)
    case .blocked, .failed: return (result.transfer, .incomplete)
    case .closed: return (.closed, parser.end())
    }
  }
}

// MARK: - System calls

extension SocketConnection {
  /// How many bytes went, or why none did.
  enum Count {
    case count(Int), blocked, closed
    case failed(RequestResult)

    var transfer: Transfer {
      switch self {
      case .count: .done
      case .blocked: .blocked
      case .closed: .closed
      case .failed(let result): .failed(result)
      }
    }
  }

  static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ secure: SecureChannel?
  ) -> Count {
    if let secure { return secure.write(bytes) }
    while true {
      let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .count(count) }
      if errno != EINTR { return failure(errno) }
    }
  }

  static func read(
    into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, _ secure: SecureChannel?
  ) -> Count {
    if let secure { return secure.read(into: buffer) }
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 { return .count(count) }
      if count == 0 { return .closed }
      if errno != EINTR { return failure(errno) }
    }
  }

  static func failure(_ number: Int32) -> Count {
    number == EAGAIN || number == EWOULDBLOCK ? .blocked : .failed(result(of: number))
  }

  /// What an error of the system means for the request.
  static func result(of number: Int32) -> RequestResult {
    switch number {
    case ECONNREFUSED: .connectionRefused
    case ECONNRESET, EPIPE, ECONNABORTED: .connectionLost
    case ETIMEDOUT: .timedOut
    case EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM: .resourcesExhausted
    default: .otherFailure
    }
  }
}
