import CNGHTTP2
import Glibc
import StressTest

/// One connection of HTTP/2 (RFC 9113) with the requests that are under way over it. What the bytes
/// mean is nghttp2's business.
final class MultiplexConnection {
  let slot: Int
  let addressIndex: Int
  let descriptor: Int32
  let secure: SecureChannel?
  var isConnected = false
  var isOpen = false
  /// The numbers of requests under way, by their streams.
  private(set) var streams: [Int32: MultiplexStream] = [:]
  /// Those that have ended since the last time.
  private var ended: [Ended] = []
  private let makeBody: () -> AnswerBody
  private var idleStreams: [MultiplexStream] = []
  /// Given up, but nghttp2 may still hold their bodies.
  private var cancelled: [Int32: MultiplexStream] = [:]
  /// The numbers of requests that the server refused unread; they may be sent elsewhere.
  private(set) var refused: [Int] = []
  private var session: OpaquePointer?
  private var outbox: [UInt8] = []
  private var sent = 0

  init?(
    slot: Int, addressIndex: Int, descriptor: Int32, secure: SecureChannel?,
    makeBody: @escaping () -> AnswerBody
  ) {
    self.slot = slot
    self.addressIndex = addressIndex
    self.descriptor = descriptor
    self.secure = secure
    self.makeBody = makeBody
    guard let callbacks = Self.callbacks else { return nil }
    nghttp2_session_client_new(
      &session, callbacks, Unmanaged.passUnretained(self).toOpaque())
    guard let session else { return nil }
    var settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: 1 << 20),
    ]
    nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), &settings, settings.count)
    nghttp2_session_set_local_window_size(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, 1 << 26)
  }

  deinit { nghttp2_session_del(session) }

  /// Whether the server takes another request now.
  var hasRoom: Bool {
    guard let session, nghttp2_session_check_request_allowed(session) != 0 else { return false }
    let limit = nghttp2_session_get_remote_settings(
      session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    return streams.count < min(Int(limit), Self.streamsMax)
  }

  /// Until a server says otherwise, it is asked for no more at once.
  private static let streamsMax = 100

  /// Submits a request; nil where the connection takes no more.
  ///
  /// - Parameters:
  ///   - instant: when it was sent first.
  ///   - isRepeated: whether a server refused it unread before.
  func begin(
    _ number: Int, _ fields: MultiplexFields, _ body: [UInt8]?, at instant: Int64, isRepeated: Bool
  ) -> MultiplexStream? {
    guard let session else { return nil }
    let stream = idleStreams.popLast() ?? MultiplexStream(makeBody())
    stream.begin(number, body, at: instant, isRepeated: isRepeated)
    let pointer = Unmanaged.passUnretained(stream).toOpaque()
    let provider = body.map { _ in
      nghttp2_data_provider(
        source: nghttp2_data_source(ptr: pointer), read_callback: Self.readBody)
    }
    let key = fields.submit(to: session, for: pointer, body: provider)
    guard key > 0 else { return nil }
    streams[key] = stream
    stream.key = key
    return stream
  }

  /// Gives a request up.
  func cancel(_ stream: MultiplexStream) {
    nghttp2_submit_rst_stream(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.key, NGHTTP2_CANCEL.rawValue)
    nghttp2_session_set_stream_user_data(session, stream.key, nil)
    streams[stream.key] = nil
    cancelled[stream.key] = stream
  }

  /// A request that is over.
  struct Ended {
    let number: Int
    let result: RequestResult
    /// Of a right answer, where it matters.
    let body: [UInt8]
    let generation: Generation?
    /// What the server said about its refusal; empty where it said nothing.
    let complaint: String
  }

  /// Takes what has ended.
  func takeEnded(_ take: (Ended) -> Void) {
    for request in ended { take(request) }
    ended.removeAll(keepingCapacity: true)
  }

  func takeRefused() -> [Int] {
    defer { refused.removeAll() }
    return refused
  }

  /// Sends all that is to be sent, as far as it goes.
  func flush() -> SocketConnection.Transfer {
    while let session {
      if sent == outbox.count {
        outbox.removeAll(keepingCapacity: true)
        sent = 0
        fill(from: session)
        if outbox.isEmpty { return .done }
      }
      let written = outbox.withUnsafeBytes { bytes in
        SocketConnection.write(
          UnsafeRawBufferPointer(rebasing: bytes[sent...]), to: descriptor, secure)
      }
      guard case .count(let count) = written else { return written.transfer }
      sent += count
    }
    return .done
  }

  private func fill(from session: OpaquePointer) {
    while outbox.count < 64 << 10 {
      var piece: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &piece)
      guard count > 0 else { return }
      outbox.append(contentsOf: UnsafeBufferPointer(start: piece, count: count))
    }
  }

  /// Receives a piece, and reads it.
  func receive(with buffer: UnsafeMutableRawBufferPointer) -> SocketConnection.Transfer {
    let read = SocketConnection.read(into: buffer, from: descriptor, secure)
    guard case .count(let count) = read else { return read.transfer }
    let used = nghttp2_session_mem_recv(
      session, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
    return used < 0 ? .failed(.malformed) : .done
  }
}

/// A request under way over a connection that it shares.
final class MultiplexStream {
  fileprivate(set) var number = 0
  fileprivate var key: Int32 = 0
  fileprivate var status = 0
  fileprivate var body: AnswerBody
  fileprivate var rpc = RPCStatus()
  fileprivate var isRepeated = false
  private var request: [UInt8] = []
  private var sent = 0

  fileprivate init(_ body: AnswerBody) { self.body = body }

  fileprivate func begin(
    _ number: Int, _ request: [UInt8]?, at instant: Int64, isRepeated: Bool
  ) {
    self.number = number
    self.isRepeated = isRepeated
    self.request = request ?? []
    sent = 0
    status = 0
    rpc = RPCStatus()
    body.reset(at: instant)
  }

  /// Reads a field before the answer or behind it.
  fileprivate func read(_ name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    switch name.count {
    // `:status` is the only field of that length with a colon.
    case 7 where name[0] == UInt8(ascii: ":") && value.count == 3:
      status = value.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    case 11, 12: rpc.read(name, value: value)
    default: break
    }
  }

  /// What the complete answer means.
  fileprivate func result() -> RequestResult { body.result(status: status, rpc: rpc) }

  /// Copies the next piece of the request's body; true with the last.
  fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> (count: Int, isLast: Bool) {
    let count = min(buffer.count, request.count - sent)
    buffer.copyBytes(from: request[sent..<sent + count])
    sent += count
    return (count, sent == request.count)
  }
}

// MARK: - What nghttp2 calls

extension MultiplexConnection {
  /// Made once, and then only read.
  private nonisolated(unsafe) static let callbacks: OpaquePointer? = {
    var callbacks: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      session, frame, name, nameLength, value, valueLength, _, _ in
      guard let frame, let name, nameLength > 0,
        let stream = MultiplexConnection.stream(frame.pointee.hd.stream_id, of: session)
      else { return 0 }
      stream.read(
        UnsafeRawBufferPointer(start: name, count: nameLength),
        value: UnsafeRawBufferPointer(start: value, count: valueLength))
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      session, _, key, bytes, count, context in
      guard let stream = MultiplexConnection.stream(key, of: session), let context else { return 0 }
      stream.body.append(UnsafeRawBufferPointer(start: bytes, count: count))
      if stream.body.isTooLong {
        let connection = Unmanaged<MultiplexConnection>.fromOpaque(context).takeUnretainedValue()
        connection.end(stream, .tooLong)
        connection.cancel(stream)
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
      session, key, code, context in
      guard let context else { return 0 }
      let connection = Unmanaged<MultiplexConnection>.fromOpaque(context).takeUnretainedValue()
      guard let stream = MultiplexConnection.stream(key, of: session) else {
        connection.cancelled[key] = nil
        return 0
      }
      if code == NGHTTP2_REFUSED_STREAM.rawValue, !stream.isRepeated {
        connection.refused.append(stream.number)
      } else {
        let isRight = code == NGHTTP2_NO_ERROR.rawValue && stream.status > 0
        connection.end(stream, isRight ? stream.result() : .connectionLost)
      }
      connection.streams[key] = nil
      connection.idleStreams.append(stream)
      return 0
    }
    return callbacks
  }()

  private static let readBody: nghttp2_data_source_read_callback = {
    _, _, buffer, length, flags, source, _ in
    guard let pointer = source?.pointee.ptr, let flags else { return 0 }
    let stream = Unmanaged<MultiplexStream>.fromOpaque(pointer).takeUnretainedValue()
    let (count, isLast) = stream.read(
      into: UnsafeMutableRawBufferPointer(start: buffer, count: length))
    if isLast { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    return count
  }

  private static func stream(_ key: Int32, of session: OpaquePointer?) -> MultiplexStream? {
    nghttp2_session_get_stream_user_data(session, key).map {
      Unmanaged<MultiplexStream>.fromOpaque($0).takeUnretainedValue()
    }
  }

  private func end(_ stream: MultiplexStream, _ result: RequestResult) {
    let isRight = result == .success
    ended.append(
      Ended(
        number: stream.number, result: result, body: isRight ? stream.body.bytes : [],
        generation: isRight ? stream.body.generation : nil, complaint: stream.rpc.message))
  }
}
