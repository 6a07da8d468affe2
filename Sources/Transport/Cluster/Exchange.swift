import CCurl
import Glibc
import Kubernetes
import Synchronization

/// One request and its answer. The loop's thread fills the answer in; whoever reads it takes it out
/// piece by piece, and as long as nobody does, the server is held back.
final class Exchange: Sendable {
  /// With so many bytes untaken, the server is asked to wait.
  private static let untakenMax = 1 << 20

  struct Head: Hashable, Sendable {
    var status = 0
    var retryAfter: Duration?
  }

  private struct State {
    var head = Head()
    var isHeadWhole = false
    var body: [UInt8] = []
    var isPaused = false
    var ending: Result<Void, APIFailure>?
    var isCancelled = false
    var reader: CheckedContinuation<Void, Never>?
  }

  /// Only touched by the loop's thread, once the exchange has started.
  nonisolated(unsafe) let handle: UnsafeMutableRawPointer
  private nonisolated(unsafe) let headers: UnsafeMutablePointer<curl_slist>?
  private nonisolated(unsafe) let addresses: UnsafeMutablePointer<curl_slist>?
  private nonisolated(unsafe) let errorText: UnsafeMutablePointer<CChar>
  private let operation: String
  private let state = Mutex(State())

  /// Nil where libcurl has no memory left.
  init?(
    _ request: APIRequest, _ configuration: ClusterConfiguration, _ proof: CredentialSource.Proof
  ) {
    guard CurlLibrary.isReady, let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.operation = request.operation
    self.errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    self.errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    let options = ExchangeOptions(request: request, configuration: configuration, proof: proof)
    self.headers = options.headerList()
    self.addresses = options.addressList()
    options.set(on: handle)
    ccurl_set_list(handle, CURLOPT_CONNECT_TO, addresses)
    ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers)
    ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
    setCallbacks()
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
    curl_slist_free_all(addresses)
    errorText.deallocate()
  }

  private func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(handle, CURLOPT_PRIVATE, context)
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    ccurl_set_write_function(handle) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return exchange.take(piece) ? size * count : Int(CURL_WRITEFUNC_PAUSE)
    }
    ccurl_set_header_function(handle) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
      exchange.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
  }
}

// MARK: - On the loop's thread

extension Exchange {
  /// False when there is no room: the same bytes come again once the exchange goes on.
  private func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    let (taken, reader) = state.withLock { state in
      guard state.body.count < Self.untakenMax else {
        state.isPaused = true
        return (false, nil as CheckedContinuation<Void, Never>?)
      }
      state.body.append(contentsOf: piece)
      return (true, state.reader.take())
    }
    reader?.resume()
    return taken
  }

  /// A status line begins a head, of which an interim answer has one of its own; an empty line
  /// ends it.
  private func takeHeader(_ line: UnsafeRawBufferPointer) {
    let text = String(decoding: line, as: UTF8.self)
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if text.hasPrefix("HTTP/") {
        let words = text.split(separator: " ")
        state.head = Head(status: words.count > 1 ? Int(words[1].prefix(3)) ?? 0 : 0)
      } else if text.lowercased().hasPrefix("retry-after:") {
        state.head.retryAfter = Self.delay(text.dropFirst(12))
      } else if text == "\r\n" || text == "\n", state.head.status >= 200 {
        state.isHeadWhole = true
        return state.reader.take()
      }
      return nil
    }
    reader?.resume()
  }

  /// RFC 9110, section 10.2.3: seconds, or the date until which to wait.
  private static func delay(_ value: Substring) -> Duration? {
    let text = value.filter { !$0.isNewline }.drop { $0 == " " }
    if let seconds = Int(text.filter { !$0.isWhitespace }) { return .seconds(max(0, seconds)) }
    let date = curl_getdate(String(text), nil)
    return date < 0 ? nil : .seconds(max(0, date - time(nil)))
  }

  /// The transfer is over.
  func finish(_ code: CURLcode) {
    let ending: Result<Void, APIFailure> =
      code == CURLE_OK ? .success(()) : .failure(failure(of: code))
    end(ending)
  }

  func finish(_ failure: APIFailure) { end(.failure(failure)) }

  private func end(_ ending: Result<Void, APIFailure>) {
    let reader = state.withLock { state in
      state.ending = state.ending ?? ending
      return state.reader.take()
    }
    reader?.resume()
  }

  private func failure(of code: CURLcode) -> APIFailure {
    let detail = String(cString: errorText)
    let message = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    let reason: APIFailure.Reason =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
        CURLE_PROXY, CURLE_SSL_CONNECT_ERROR:
        .transport(.unreachable)
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
        .transport(.certificate)
      case CURLE_SSL_CERTPROBLEM: .transport(.credentials)
      case CURLE_OPERATION_TIMEDOUT: .transport(.timedOut)
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: .unreadable
      default: .transport(.interrupted)
      }
    return APIFailure(reason, operation: operation, message: message)
  }
}

// MARK: - Reading

extension Exchange {
  /// Status and headers, as soon as they are there.
  func head(over loop: HTTPLoop) async throws -> Head {
    while true {
      let (head, ending, isCancelled) = state.withLock {
        ($0.isHeadWhole ? $0.head : nil, $0.ending, $0.isCancelled)
      }
      if isCancelled { throw CancellationError() }
      if let head { return head }
      if let ending {
        try ending.get()
        return Head()
      }
      await change(over: loop) { !$0.isHeadWhole }
    }
  }

  /// The next bytes, as many as there are; nil at the end.
  func next(over loop: HTTPLoop) async throws -> [UInt8]? {
    while true {
      let (piece, wasPaused, ending, isCancelled) = state.withLock { state in
        let piece = state.body
        let wasPaused = state.isPaused && !piece.isEmpty
        if !piece.isEmpty { state.body = [] }
        if wasPaused { state.isPaused = false }
        return (piece, wasPaused, state.ending, state.isCancelled)
      }
      if wasPaused { loop.resume(self) }
      if isCancelled { throw CancellationError() }
      if !piece.isEmpty { return piece }
      if let ending {
        try ending.get()
        return nil
      }
      await change(over: loop) { $0.body.isEmpty }
    }
  }

  /// Closes the connection, or at least its stream, whatever is under way.
  func cancel(over loop: HTTPLoop) {
    let (isOver, reader) = state.withLock { state in
      state.isCancelled = true
      return (state.ending != nil, state.reader.take())
    }
    reader?.resume()
    if !isOver { loop.cancel(self) }
  }

  /// Waits for something to happen, as long as there is reason to.
  private func change(
    over loop: HTTPLoop, while isWaiting: @Sendable (borrowing State) -> Bool
  ) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.ending != nil || state.isCancelled || !isWaiting(state) { return true }
          state.reader = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      cancel(over: loop)
    }
  }
}
