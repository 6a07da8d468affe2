import CCurl
import Glibc
import StressTest
import Tuning

/// A reusable libcurl handle that sends the target's request, and the answer that it got last.
///
/// Confined to whichever thread drives it; its address is libcurl's context pointer, so it must
/// outlive every transfer.
final class Transfer {
  /// An answer longer than this, in bytes, is no right answer, and isn't read to its end.
  static let bodyLimit = 64 << 20
  /// Larger buffers are given back after use.
  private static let keptCapacity = 256 << 10

  let handle: UnsafeMutableRawPointer
  private let expectation: ResponseExpectation
  private let headers: UnsafeMutablePointer<curl_slist>?
  private(set) var body: [UInt8] = []
  private var received = 0
  /// Where the request under way stands in its window.
  var position = 0

  init?(_ target: HTTPTarget) {
    guard CurlLibrary.isReady, let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.expectation = target.expectation
    self.headers = Self.list(of: target)
    configure(for: target)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
  }

  /// Forgets the last answer and sets the time limit of the next.
  func prepare(timeout: Duration) {
    received = 0
    body.removeAll(keepingCapacity: body.capacity <= Self.keptCapacity)
    ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
  }

  /// The status of the last answer; 0 when there was none.
  var status: Int {
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return status
  }

  /// What the transfer's end means for the request.
  func result(of code: CURLcode) -> RequestResult {
    switch code {
    case CURLE_OK: answer
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_COULDNT_CONNECT: connectFailure
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
      .connectionLost
    // In turn: an answer over the limit, no HTTP, HTTP without a header, and a broken coding.
    case CURLE_WRITE_ERROR, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY,
      CURLE_BAD_CONTENT_ENCODING:
      .wrongContent
    default: .otherFailure
    }
  }

  private var answer: RequestResult {
    guard (200..<300).contains(status) else { return .statusNotOK }
    return expectation.accepts(body) ? .success : .wrongContent
  }

  private var connectFailure: RequestResult {
    var reason = 0
    ccurl_get_long(handle, CURLINFO_OS_ERRNO, &reason)
    return switch Int32(reason) {
    case ECONNREFUSED: .connectionRefused
    case ECONNRESET: .connectionLost
    default: .otherFailure
    }
  }

  /// Takes a piece of the body; false when it is too long.
  fileprivate func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    received += piece.count
    guard received <= Self.bodyLimit else { return false }
    if expectation.needsBody { body.append(contentsOf: piece) }
    return true
  }
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
    ccurl_set_pointer(handle, CURLOPT_PRIVATE, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_write_function(handle) { bytes, size, count, context in
      guard let context, let bytes else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer.take(piece) ? size * count : 0
    }
    switch target.method {
    case "GET" where target.body.isEmpty: ccurl_set_long(handle, CURLOPT_HTTPGET, 1)
    case "HEAD": ccurl_set_long(handle, CURLOPT_NOBODY, 1)
    default:
      ccurl_set_long(handle, CURLOPT_POST, 1)
      ccurl_set_copied_body(handle, target.body, target.body.count)
      ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, target.method)
    }
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
