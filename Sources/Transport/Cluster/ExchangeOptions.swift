import CCurl
import Glibc
import Kubernetes

/// How libcurl is told of a request.
struct ExchangeOptions {
  /// A peer that doesn't acknowledge for so long, in milliseconds, is gone.
  private static let silenceMax = 60_000
  private static let connectTimeout = 15_000
  /// Of a request that sets none of its own.
  private static let timeout: Duration = .seconds(60)

  let request: APIRequest
  let configuration: ClusterConfiguration
  let proof: CredentialSource.Proof

  func set(on handle: UnsafeMutableRawPointer) {
    setTarget(handle)
    setMethod(handle)
    setTrust(handle)
    setTimes(handle)
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
    ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    ccurl_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Requests that come while the first connects share its connection if they can.
    ccurl_set_long(handle, CURLOPT_PIPEWAIT, 1)
    if let proxy = configuration.proxy, !proxy.isEmpty {
      ccurl_set_string(handle, CURLOPT_PROXY, proxy)
      ccurl_set_string(handle, CURLOPT_NOPROXY, "")
    }
  }

  /// Where to connect instead of to the URL's host; nil for there.
  func addressList() -> UnsafeMutablePointer<curl_slist>? {
    guard let name = configuration.tlsServerName, let place = ServerAddress(configuration.server)
    else { return nil }
    return curl_slist_append(nil, "\(name):\(place.port):\(place.host):\(place.port)")
  }

  func headerList() -> UnsafeMutablePointer<curl_slist>? {
    var lines = ["Accept: application/json, */*", "User-Agent: morphling", "Expect:"]
    if !request.body.isEmpty { lines.append("Content-Type: \(request.contentType)") }
    if let authorization = proof.authorization { lines.append("Authorization: \(authorization)") }
    if configuration.tlsServerName != nil, let place = ServerAddress(configuration.server) {
      lines.append("Host: \(place.authority)")
    }
    return lines.reduce(nil) { curl_slist_append($0, $1) }
  }

  /// libcurl sends and checks the name in the URL: another name is put there, and connected to the
  /// server's address nevertheless.
  private func setTarget(_ handle: UnsafeMutableRawPointer) {
    var server = configuration.server
    while server.last == "/" { server.removeLast() }
    if let name = configuration.tlsServerName, let place = ServerAddress(server) {
      server = "https://\(name):\(place.port)\(place.path)"
    }
    ccurl_set_string(handle, CURLOPT_URL, server + request.target)
  }

  private func setMethod(_ handle: UnsafeMutableRawPointer) {
    guard request.method != .get else {
      ccurl_set_long(handle, CURLOPT_HTTPGET, 1)
      return
    }
    ccurl_set_long(handle, CURLOPT_POST, 1)
    ccurl_set_copied_body(handle, request.body, request.body.count)
    ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
  }

  private func setTrust(_ handle: UnsafeMutableRawPointer) {
    ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
    ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
    if let authority = configuration.authority {
      // The cluster's authority vouches, and none of the system's beside it.
      ccurl_set_pointer(handle, CURLOPT_CAPATH, nil)
      set(authority, handle, file: CURLOPT_CAINFO, blob: CURLOPT_CAINFO_BLOB)
    }
    if let pair = proof.clientCertificate {
      set(pair.certificate, handle, file: CURLOPT_SSLCERT, blob: CURLOPT_SSLCERT_BLOB)
      set(pair.key, handle, file: CURLOPT_SSLKEY, blob: CURLOPT_SSLKEY_BLOB)
    }
  }

  private func set(
    _ pem: ClusterConfiguration.PEM, _ handle: UnsafeMutableRawPointer, file: CURLoption,
    blob: CURLoption
  ) {
    switch pem {
    case .text(let bytes): ccurl_set_blob(handle, blob, bytes, bytes.count)
    case .file(let path): ccurl_set_string(handle, file, path)
    }
  }

  private func setTimes(_ handle: UnsafeMutableRawPointer) {
    let timeout = request.timeout ?? Self.timeout
    ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
    ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.connectTimeout)
    ccurl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
    ccurl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
    ccurl_set_long(handle, CURLOPT_TCP_KEEPIDLE, 20)
    ccurl_set_long(handle, CURLOPT_TCP_KEEPINTVL, 10)
    ccurl_set_silence_limit(handle, Self.silenceMax)
  }
}

/// The parts of a server's URL.
struct ServerAddress: Hashable {
  /// An IPv6 address keeps its brackets.
  let host: String
  let port: Int
  /// Empty or beginning with a slash.
  let path: String

  init?(_ url: String) {
    let isPlain = url.hasPrefix("http://")
    guard isPlain || url.hasPrefix("https://") else { return nil }
    let rest = url.dropFirst(isPlain ? 7 : 8)
    let authority = rest.prefix { $0 != "/" }
    path = String(rest.dropFirst(authority.count))
    let host =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    let port = authority.dropFirst(host.count).dropFirst()
    guard !host.isEmpty, let number = port.isEmpty ? (isPlain ? 80 : 443) : Int(port) else {
      return nil
    }
    self.host = String(host)
    self.port = number
  }

  var authority: String { "\(host):\(port)" }
}
