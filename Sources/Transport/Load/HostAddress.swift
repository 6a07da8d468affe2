import CCurl
import Glibc

/// An address that a host's name stands for.
package struct HostAddress: Hashable, Sendable, CustomStringConvertible {
  /// Four or sixteen bytes. An IPv4 address within an IPv6 one is taken out of it.
  private let bytes: [UInt8]
  /// As it is written.
  package let description: String

  /// Of this machine: 127.0.0.0/8, ::1, and the unspecified address, which connects to it.
  package var isLoopback: Bool {
    bytes.count == 4
      ? bytes[0] == 127 || bytes == [0, 0, 0, 0]
      : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] <= 1
  }

  /// Of a private network, as the pods and services of a cluster have them (RFC 1918, RFC 6598,
  /// RFC 4193). Link-local addresses are none of these: clouds keep their credentials there.
  package var isPrivate: Bool {
    guard bytes.count == 4 else { return bytes[0] & 0xFE == 0xFC }
    return switch (bytes[0], bytes[1]) {
    case (10, _), (172, 16...31), (192, 168), (100, 64...127): true
    default: false
    }
  }

  init(bytes: [UInt8]) {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    let isMapped = bytes.count == 16 && bytes.starts(with: mapped)
    let plain = isMapped ? Array(bytes.suffix(4)) : bytes
    self.bytes = plain
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(plain.count == 4 ? AF_INET : AF_INET6, plain, &text, socklen_t(text.count))
    description = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
  }
}

// MARK: - Addresses of a URL

/// An address that load can't be sent to.
package enum HostAddressError: Error, Hashable, CustomStringConvertible {
  case malformed(url: String, found: String)
  case unresolved(host: String, found: String)

  package var description: String {
    switch self {
    case .malformed(let url, let found):
      "\(url): \(found); an address like http://127.0.0.1:8080/path is needed"
    case .unresolved(let host, let found):
      "\(host): the name can't be resolved (\(found)); check it"
    }
  }
}

extension HostAddress {
  /// All addresses that the URL's host stands for now, as libcurl will read it. Blocks while it
  /// asks for them.
  package static func addresses(ofURL url: String) throws(HostAddressError) -> [HostAddress] {
    try addresses(ofHost: try host(ofURL: url))
  }

  /// The URL's host, by the parser that will be used for the requests.
  private static func host(ofURL url: String) throws(HostAddressError) -> String {
    guard CurlLibrary.isReady, let parsed = curl_url() else {
      throw .malformed(url: url, found: "it can't be read")
    }
    defer { curl_url_cleanup(parsed) }
    guard !url.utf8.contains(0), curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK else {
      throw .malformed(url: url, found: "no URL")
    }
    let scheme = part(CURLUPART_SCHEME, of: parsed) ?? ""
    guard ["http", "https"].contains(scheme) else {
      throw .malformed(url: url, found: "its scheme is \"\(scheme)\"")
    }
    guard part(CURLUPART_USER, of: parsed) == nil, part(CURLUPART_PASSWORD, of: parsed) == nil
    else {
      throw .malformed(
        url: part(CURLUPART_HOST, of: parsed) ?? "", found: "a password in it would be in every log"
      )
    }
    guard let host = part(CURLUPART_HOST, of: parsed), !host.isEmpty else {
      throw .malformed(url: url, found: "no host")
    }
    return host
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  private static func addresses(ofHost host: String) throws(HostAddressError) -> [HostAddress] {
    // An IPv6 address stands in brackets.
    let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0, let first = list else {
      throw .unresolved(host: name, found: String(cString: gai_strerror(code)))
    }
    defer { freeaddrinfo(first) }
    return sequence(first: first) { $0.pointee.ai_next }.compactMap { entry in
      guard let address = entry.pointee.ai_addr else { return nil }
      return HostAddress(address, family: entry.pointee.ai_family)
    }
  }

  private init?(_ address: UnsafeMutablePointer<sockaddr>, family: Int32) {
    let raw = UnsafeRawPointer(address)
    switch family {
    case AF_INET:
      let address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
      self.init(bytes: withUnsafeBytes(of: address) { Array($0) })
    case AF_INET6:
      let address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      self.init(bytes: withUnsafeBytes(of: address) { Array($0) })
    default: return nil
    }
  }
}
