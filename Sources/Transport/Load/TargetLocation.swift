import CCurl

/// Where a URL points to, as libcurl reads it.
struct TargetLocation: Hashable {
  let isSecure: Bool
  /// An IPv6 address stands in brackets.
  let host: String
  let port: UInt16
  /// With the query; what a request line has.
  let path: String

  init(url: String) throws(HostAddressError) {
    guard CurlLibrary.isReady, let parsed = curl_url() else {
      throw .malformed(url: url, found: "it can't be read")
    }
    defer { curl_url_cleanup(parsed) }
    guard !url.utf8.contains(0), curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK else {
      throw .malformed(url: url, found: "no URL")
    }
    let scheme = Self.part(CURLUPART_SCHEME, of: parsed) ?? ""
    guard ["http", "https"].contains(scheme) else {
      throw .malformed(url: url, found: "its scheme is \"\(scheme)\"")
    }
    guard Self.part(CURLUPART_USER, of: parsed) == nil,
      Self.part(CURLUPART_PASSWORD, of: parsed) == nil
    else {
      throw .malformed(
        url: Self.part(CURLUPART_HOST, of: parsed) ?? "",
        found: "a password in it would be in every log")
    }
    guard let host = Self.part(CURLUPART_HOST, of: parsed), !host.isEmpty else {
      throw .malformed(url: url, found: "no host")
    }
    let port = Self.part(CURLUPART_PORT, of: parsed, UInt32(CURLU_DEFAULT_PORT))
    guard let port = port.flatMap({ UInt16($0) }) else {
      throw .malformed(url: url, found: "no port")
    }
    let query = Self.part(CURLUPART_QUERY, of: parsed).map { "?" + $0 } ?? ""
    isSecure = scheme == "https"
    self.host = host
    self.port = port
    path = (Self.part(CURLUPART_PATH, of: parsed) ?? "/") + query
  }

  /// The name that a certificate must have: no brackets.
  var name: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }

  /// What the `Host` field has: the port where it isn't the scheme's own.
  var authority: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }

  private static func part(
    _ part: CURLUPart, of url: OpaquePointer, _ flags: UInt32 = 0
  ) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
