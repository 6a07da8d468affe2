import CCurl
import Glibc
import StressTest
import Tuning

/// A reusable libcurl handle that sends the target's request, and the answer that it got last.
///
/// Confined to whichever thread drives it; its address is libcurl's context pointer, so it must
/// outlive every transfer.
final class Transfer {
  let handle: UnsafeMutableRawPointer
  private let headers: UnsafeMutablePointer<curl_slist>?
  private let addresses: UnsafeMutablePointer<curl_slist>?
  private(set) var body: AnswerBody
  /// How the last call over gRPC ended.
  private(set) var rpc = RPCStatus()

  /// - Parameter addresses: the only ones that are used; none to ask for them.
  init?(_ target: HTTPTarget, addresses: [HostAddress] = []) {
    guard CurlLibrary.isReady, let handle = curl_easy_init() else { return nil }
    self.handle = handle
    body = AnswerBody(expecting: target.expectation, within: KeptBytes())
    headers = Self.list(of: target)
    self.addresses = Self.list(of: addresses, for: target.url)
    configure(for: target)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
    curl_slist_free_all(addresses)
  }

  /// Forgets the last answer and sets the time limit of the next.
  func prepare(timeout: Duration) {
    body.reset()
    rpc = RPCStatus()
    ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
  }

  private func setBody(_ bytes: [UInt8]) { ccurl_set_copied_body(handle, bytes, bytes.count) }

  /// The status of the last answer; 0 when there was none.
  var status: Int {
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return status
  }

  /// What the transfer's end means for the request.
  func result(of code: CURLcode) -> RequestResult {
    switch code {
    case CURLE_OK: body.result(status: status, rpc: rpc)
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_COULDNT_CONNECT: connectFailure
    case CURLE_COULDNT_RESOLVE_HOST: .nameUnresolved
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
      CURLE_HTTP2_STREAM:
      .connectionLost
    case CURLE_WRITE_ERROR: .tooLong
    // In turn: no HTTP, HTTP without a header, a broken coding, and a broken connection.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING,
      CURLE_HTTP2:
      .malformed
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      .secureChannelFailed
    case CURLE_OUT_OF_MEMORY: .resourcesExhausted
    default: .otherFailure
    }
  }

  private var connectFailure: RequestResult {
    var reason = 0
    ccurl_get_long(handle, CURLINFO_OS_ERRNO, &reason)
    return switch Int32(reason) {
    case ECONNREFUSED: .connectionRefused
    case ECONNRESET: .connectionLost
    case EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS: .resourcesExhausted
    default: .otherFailure
    }
  }

  /// Takes a piece of the body; false when it is too long.
  fileprivate func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    body.append(piece)
    return !body.isTooLong
  }

  fileprivate func readHeader(_ line: UnsafeRawBufferPointer) { rpc.read(line) }
}

// MARK: - Options

extension Transfer {
  private func configure(for target: HTTPTarget) {
    ccurl_set_string(handle, CURLOPT_URL, target.url)
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_NOPROXY, "*")
    ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    ccurl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
    ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
    ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
    ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
    ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers)
    if let addresses { ccurl_set_list(handle, CURLOPT_RESOLVE, addresses) }
    setSecurity(target.security)
    setVersion(of: target)
    ccurl_set_pointer(handle, CURLOPT_PRIVATE, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_write_function(handle) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer.take(piece) ? size * count : 0
    }
    if target.call != nil { readHeaders() }
    switch target.method {
    case "GET" where target.content.isEmpty: ccurl_set_long(handle, CURLOPT_HTTPGET, 1)
    case "HEAD": ccurl_set_long(handle, CURLOPT_NOBODY, 1)
    default:
      ccurl_set_long(handle, CURLOPT_POST, 1)
      setBody(target.content.body(of: 0, seed: 0))
      ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, target.method)
    }
  }

  /// The fields behind the answer come the same way as those before it.
  private func readHeaders() {
    ccurl_set_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_header_function(handle) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        .readHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
  }

  private func setSecurity(_ files: SecureFiles) {
    if let authorities = files.authorities {
      ccurl_set_string(handle, CURLOPT_CAINFO, authorities)
    }
    guard let certificate = files.certificate else { return }
    ccurl_set_string(handle, CURLOPT_SSLCERT, certificate)
    ccurl_set_string(handle, CURLOPT_SSLKEY, files.key ?? certificate)
  }

  private func setVersion(of target: HTTPTarget) {
    let version: Int
    switch target.version {
    case .http1: version = Int(CURL_HTTP_VERSION_1_1)
    // Without TLS nobody can be asked for the version; the server must know it.
    case .http2 where target.url.hasPrefix("http:"):
      version = Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
    case .http2: version = Int(CURL_HTTP_VERSION_2TLS)
    }
    ccurl_set_long(handle, CURLOPT_HTTP_VERSION, version)
  }

  /// `host:port:address,address`: libcurl asks no one else.
  private static func list(
    of addresses: [HostAddress], for url: String
  ) -> UnsafeMutablePointer<curl_slist>? {
    guard !addresses.isEmpty, let location = try? TargetLocation(url: url) else { return nil }
    let texts = addresses.map { $0.family == AF_INET6 ? "[\($0)]" : $0.description }
    return curl_slist_append(
      nil, "\(location.name):\(location.port):" + texts.joined(separator: ","))
  }

  private static func list(of target: HTTPTarget) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for header in target.headers {
      list = curl_slist_append(list, "\(header.name): \(header.value)")
    }
    // Without this, a body over a mebibyte waits for the server's leave to be sent.
    return curl_slist_append(list, "Expect:")
  }
}

/// libcurl's global state, set up once.
enum CurlLibrary {
  static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
