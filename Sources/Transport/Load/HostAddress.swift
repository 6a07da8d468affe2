import CCurl
import Glibc

/// An address that a host's name stands for.
package struct HostAddress: Hashable, Sendable, CustomStringConvertible {
  /// Four or sixteen bytes. An IPv4 address within an IPv6 one is taken out of it.
  private let bytes: [UInt8]
  /// As it is written.
  package let description: String

  var family: Int32 { bytes.count == 4 ? AF_INET : AF_INET6 }

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

extension HostAddress {
  /// Calls a socket function with the address and a port.
  func withSocketAddress<Result>(
    port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    if family == AF_INET {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
      return Self.withSocketAddress(address, body)
    }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
    return Self.withSocketAddress(address, body)
  }

  private static func withSocketAddress<Address, Result>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<Address>.size))
      }
    }
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
    try addresses(ofHost: try TargetLocation(url: url).host)
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
