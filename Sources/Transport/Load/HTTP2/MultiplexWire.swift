import Glibc
import StressTest

/// HTTP/2 over sockets of our own, with or without TLS: as many requests over one connection as the
/// server takes, and another connection for more.
final class MultiplexWire: LoadWire {
  private let target: HTTPTarget
  private let location: TargetLocation
  private let fields: MultiplexFields
  private let dialer: SocketDialer
  private let secureContext: SecureContext?
  private let poll: EventPoll
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  private let allowance = KeptBytes()
  private var connections: [MultiplexConnection?] = []
  private var underWay: [Int: UnderWay] = [:]
  private var unfinished: [MultiplexConnection] = []
  var ledger = RequestLedger()
  private(set) var complaint: String?
  var opening: Int { 0 }

  private struct UnderWay {
    let connection: MultiplexConnection
    let stream: MultiplexStream
    /// When it was sent first.
    let begun: Int64
  }

  init?(
    _ target: HTTPTarget, at location: TargetLocation, addresses: [HostAddress],
    secureContext: SecureContext?
  ) {
    guard let poll = EventPoll(), let dialer = SocketDialer(addresses, port: location.port)
    else { return nil }
    self.target = target
    self.location = location
    self.dialer = dialer
    self.secureContext = secureContext
    self.poll = poll
    fields = MultiplexFields(target, at: location)
  }

  deinit {
    for connection in connections { if let connection { Glibc.close(connection.descriptor) } }
    buffer.deallocate()
  }

  func prepare(timeout: Int64, outstandingMax: Int, seed: UInt64) {
    ledger.prepare(timeout: timeout, seed: seed)
    complaint = nil
  }

  func wakeUp() { poll.ring() }

  func begin(_ number: Int, at instant: Int64) {
    start(number, at: instant, isRepeated: false)
    ledger.begin(number, slot: 0, at: instant)
  }

  func advance(until instant: Int64) {
    for connection in connections { if let connection, connection.isOpen { flush(connection) } }
    let resumed = unfinished
    unfinished.removeAll(keepingCapacity: true)
    for connection in resumed where isCurrent(connection) { receive(connection) }
    ledger.deadlines.drop { underWay[$1] == nil }
    let isBusy = ledger.hasEnded || !unfinished.isEmpty
    poll.wait(until: isBusy ? 0 : min(instant, ledger.deadlines.next ?? .max)) { event in
      if let connection = connections[event.key] { handle(connection) }
    }
    expire()
  }

  func abandonAll() {
    for request in underWay.values { request.connection.cancel(request.stream) }
    for connection in connections { if let connection, connection.isOpen { flush(connection) } }
    underWay.removeAll()
    ledger.deadlines = DeadlineQueue()
  }
}

// MARK: - Requests

extension MultiplexWire {
  private func start(_ number: Int, at instant: Int64, isRepeated: Bool) {
    let body = fields.body(of: number, seed: ledger.seed)
    let begin = { [fields] (connection: MultiplexConnection) in
      connection.begin(number, fields, body, at: instant, isRepeated: isRepeated)
        .map { UnderWay(connection: connection, stream: $0, begun: instant) }
    }
    for connection in connections {
      guard let connection, connection.hasRoom, let request = begin(connection) else { continue }
      underWay[number] = request
      return
    }
    switch open() {
    case .success(let connection):
      guard let request = begin(connection) else { return end(number, .otherFailure) }
      underWay[number] = request
    case .failure(let failure): end(number, failure.result)
    }
  }

  private func end(_ number: Int, _ result: RequestResult, _ generation: Generation? = nil) {
    underWay[number] = nil
    ledger.end(number, result, generation)
  }

  private func expire() {
    guard ledger.deadlines.next != nil else { return }
    let now = MonotonicClock.now()
    while let (_, number) = ledger.deadlines.popExpired(at: now) {
      guard let request = underWay[number] else { continue }
      request.connection.cancel(request.stream)
      end(number, .timedOut)
    }
  }
}

// MARK: - Connections

extension MultiplexWire {
  private func open() -> Result<MultiplexConnection, SocketDialer.Failure> {
    let descriptor: Int32
    switch dialer.dial() {
    case .success(let dialed): descriptor = dialed
    case .failure(let failure): return .failure(failure)
    }
    let slot = connections.firstIndex { $0 == nil } ?? connections.count
    let (expectation, allowance) = (target.expectation, allowance)
    guard
      let connection = MultiplexConnection(
        slot: slot, addressIndex: dialer.index, descriptor: descriptor,
        secure: secureContext?.channel(over: descriptor, to: location.name),
        makeBody: { AnswerBody(expecting: expectation, within: allowance) }),
      poll.add(descriptor, key: slot)
    else {
      Glibc.close(descriptor)
      return .failure(SocketDialer.Failure(result: .resourcesExhausted))
    }
    if slot == connections.count { connections.append(nil) }
    connections[slot] = connection
    return .success(connection)
  }

  private func isCurrent(_ connection: MultiplexConnection) -> Bool {
    connections[connection.slot] === connection
  }

  private func handle(_ connection: MultiplexConnection) {
    if !connection.isOpen {
      if !connection.isConnected {
        if let failure = SocketDialer.failure(of: connection.descriptor) {
          return fail(connection, failure)
        }
        connection.isConnected = true
      }
      switch connection.secure?.handshake() ?? .done {
      case .done where connection.secure?.hasAgreedOnHTTP2 == false:
        return fail(connection, .malformed)
      case .done: connection.isOpen = true
      case .blocked: return
      case .closed: return fail(connection, .secureChannelFailed)
      case .failed(let result): return fail(connection, result)
      }
    }
    flush(connection)
    receive(connection)
  }

  private func flush(_ connection: MultiplexConnection) {
    switch connection.flush() {
    case .done, .blocked: break
    // What the server said before it closed the connection can still be read.
    case .closed, .failed: unfinished.append(connection)
    }
  }

  private func receive(_ connection: MultiplexConnection) {
    for _ in 0..<8 where isCurrent(connection) {
      let transfer = connection.receive(with: buffer)
      collect(connection)
      switch transfer {
      case .done: break
      case .blocked: return
      case .closed: return fail(connection, .connectionLost)
      case .failed(let result): return fail(connection, result)
      }
    }
    if isCurrent(connection) { unfinished.append(connection) }
  }

  /// Notes what has ended over the connection, and sends again what the server refused unread.
  private func collect(_ connection: MultiplexConnection) {
    connection.takeEnded { request in
      if request.result == .success, ledger.wantsBody {
        ledger.keep(request.body, of: request.number)
      }
      if request.result != .success, !request.complaint.isEmpty { complaint = request.complaint }
      end(request.number, request.result, request.generation)
    }
    for number in connection.takeRefused() {
      guard let begun = underWay[number]?.begun else { continue }
      start(number, at: begun, isRepeated: true)
    }
  }

  /// Closes the connection, whose requests have failed; unless another address is left to try.
  private func fail(_ connection: MultiplexConnection, _ result: RequestResult) {
    guard isCurrent(connection) else { return }
    collect(connection)
    let triesElsewhere =
      !connection.isConnected && dialer.hasAnother(than: connection.addressIndex)
    let numbers = connection.streams.values.map(\.number)
    connections[connection.slot] = nil
    Glibc.close(connection.descriptor)
    for number in numbers {
      guard triesElsewhere, let begun = underWay[number]?.begun else {
        end(number, result)
        continue
      }
      start(number, at: begun, isRepeated: false)
    }
  }
}
