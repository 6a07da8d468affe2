import Glibc
import StressTest

/// HTTP/1.1 over sockets of our own, with or without TLS: the lean way, for the price of little
/// more than the system calls.
final class SocketWire: LoadWire {
  private let target: HTTPTarget
  private let location: TargetLocation
  private let dialer: SocketDialer
  private let requests: RequestText
  private let secureContext: SecureContext?
  private let poll: EventPoll
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  private let allowance = KeptBytes()

  private var connections: [SocketConnection?] = []
  private var freeSlots: [Int] = []
  /// Open and without a request; those that were closed since are passed over.
  private var idle: [SocketConnection] = []
  /// Those that have more to read than they could at once.
  private var unfinished: [SocketConnection] = []
  private(set) var opening = 0
  var ledger = RequestLedger()

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
    requests = RequestText(target, at: location)
  }

  deinit {
    for connection in connections { if let connection { Glibc.close(connection.descriptor) } }
    buffer.deallocate()
  }

  func prepare(timeout: Int64, outstandingMax: Int, seed: UInt64) {
    ledger.prepare(timeout: timeout, seed: seed)
  }

  func wakeUp() { poll.ring() }

  func begin(_ number: Int, at instant: Int64) {
    let request = requests.bytes(of: number, seed: ledger.seed)
    while let connection = idle.popLast() {
      // One that the server has closed isn't open any more.
      guard connection.isOpen, connection.number == nil else { continue }
      start(number, request, over: connection, at: instant)
      return
    }
    switch connect() {
    case .success(let connection): start(number, request, over: connection, at: instant)
    case .failure(let failure): ledger.end(number, failure.result, nil)
    }
  }

  private func start(
    _ number: Int, _ request: [UInt8], over connection: SocketConnection, at instant: Int64
  ) {
    connection.begin(number, request, at: instant)
    ledger.begin(number, slot: connection.slot, at: instant)
    if connection.isOpen { send(connection) }
  }

  func advance(until instant: Int64) {
    let resumed = unfinished
    unfinished.removeAll(keepingCapacity: true)
    for connection in resumed where isCurrent(connection) { receive(connection, hasEnded: true) }
    let isBusy = ledger.hasEnded || !unfinished.isEmpty
    ledger.deadlines.drop { connections[$0]?.number != $1 }
    let until = isBusy ? 0 : min(instant, ledger.deadlines.next ?? .max)
    poll.wait(until: until) { event in
      if let connection = connections[event.key] { handle(event, connection) }
    }
    expire()
  }

  func abandonAll() {
    for connection in connections {
      if let connection, connection.number != nil { close(connection) }
    }
    ledger.deadlines = DeadlineQueue()
  }
}

// MARK: - Connections

extension SocketWire {
  /// Begins to open a connection to the address that answered last.
  private func connect() -> Result<SocketConnection, SocketDialer.Failure> {
    dialer.dial().flatMap { descriptor in
      let slot = freeSlots.popLast() ?? connections.count
      if slot == connections.count { connections.append(nil) }
      let connection = SocketConnection(
        slot: slot, addressIndex: dialer.index, descriptor: descriptor,
        secure: secureContext?.channel(over: descriptor, to: location.name),
        body: AnswerBody(expecting: target.expectation, within: allowance),
        isBodiless: target.method == "HEAD")
      connections[slot] = connection
      opening += 1
      guard poll.add(descriptor, key: slot) else {
        close(connection)
        return .failure(SocketDialer.Failure(result: .resourcesExhausted))
      }
      return .success(connection)
    }
  }

  private func isCurrent(_ connection: SocketConnection) -> Bool {
    connections[connection.slot] === connection
  }

  private func close(_ connection: SocketConnection) {
    guard isCurrent(connection) else { return }
    if !connection.isOpen { opening -= 1 }
    connection.isOpen = false
    connection.end()
    connections[connection.slot] = nil
    freeSlots.append(connection.slot)
    Glibc.close(connection.descriptor)
  }

  private func handle(_ event: EventPoll.Event, _ connection: SocketConnection) {
    guard connection.isOpen else { return goOnOpening(connection) }
    if event.canWrite { send(connection) }
    if isCurrent(connection) { receive(connection, hasEnded: event.hasEnded) }
  }

  private func goOnOpening(_ connection: SocketConnection) {
    if !connection.isConnected {
      if let failure = SocketDialer.failure(of: connection.descriptor) {
        return fail(connection, failure)
      }
      connection.isConnected = true
    }
    switch connection.open() {
    case .done:
      opening -= 1
      send(connection)
      // What came in the same breath as the end of the handshake isn't told again.
      if isCurrent(connection) { receive(connection, hasEnded: true) }
    case .blocked: break
    case .closed:
      fail(connection, connection.secure == nil ? .connectionLost : .secureChannelFailed)
    case .failed(let result): fail(connection, result)
    }
  }
}

// MARK: - Requests

extension SocketWire {
  private func send(_ connection: SocketConnection) {
    switch connection.flush() {
    case .done, .blocked: break
    // An answer that was sent before the connection was closed can still be read.
    case .closed, .failed: receive(connection, hasEnded: true)
    }
  }

  /// Reads what is there.
  private func receive(_ connection: SocketConnection, hasEnded: Bool) {
    for _ in 0..<Self.readsInARow {
      let (transfer, progress) = connection.receive(with: buffer)
      switch progress {
      case .malformed: return fail(connection, .malformed)
      case .complete(let head): return complete(connection, head, isClosed: transfer == .closed)
      case .incomplete: break
      }
      if connection.body.isTooLong { return fail(connection, .tooLong) }
      switch transfer {
      case .done: if connection.isDrained, !hasEnded { return }
      case .blocked: return
      case .closed: return fail(connection, .connectionLost)
      case .failed(let result): return fail(connection, result)
      }
    }
    unfinished.append(connection)
  }

  /// So many pieces are read before others have their turn.
  private static var readsInARow: Int { 8 }

  private func complete(
    _ connection: SocketConnection, _ head: ResponseParser.Head, isClosed: Bool
  ) {
    guard let number = connection.number else { return close(connection) }
    let result = connection.result(status: head.status)
    let generation = result == .success ? connection.body.generation : nil
    if result == .success, ledger.wantsBody { ledger.keep(connection.body.bytes, of: number) }
    let isSent = connection.isSent
    connection.served += 1
    connection.end()
    if head.keepsConnection, !isClosed, isSent {
      idle.append(connection)
    } else {
      close(connection)
    }
    ledger.end(number, result, generation)
  }

  /// Closes the connection, whose request has failed; unless it fares better over a new one.
  private func fail(_ connection: SocketConnection, _ result: RequestResult) {
    guard isCurrent(connection) else { return }
    guard let number = connection.number else { return close(connection) }
    let (request, begun) = (connection.request, connection.begun)
    let mayTryElsewhere =
      !connection.isConnected && dialer.hasAnother(than: connection.addressIndex)
    // A server may close a connection that was idle just when a request is sent over it: then it
    // has seen nothing of the request (RFC 9112, 9.3.1).
    let isStale =
      result == .connectionLost && connection.served > 0 && !connection.hasAnswerBegun
    close(connection)
    guard isStale || mayTryElsewhere else { return ledger.end(number, result, nil) }
    switch connect() {
    case .success(let other): start(number, request, over: other, at: begun)
    case .failure(let failure): ledger.end(number, failure.result, nil)
    }
  }

  private func expire() {
    guard ledger.deadlines.next != nil else { return }
    let now = MonotonicClock.now()
    while let (slot, number) = ledger.deadlines.popExpired(at: now) {
      guard let connection = connections[slot], connection.number == number else { continue }
      close(connection)
      ledger.end(number, .timedOut, nil)
    }
  }
}
