import CCurl
import COpenSSL
import Glibc
import StressTest

/// What all secure channels to a target share: whom to trust, and who we are.
final class SecureContext {
  private let context: OpaquePointer

  /// - Parameter version: what the server is asked to speak.
  /// - Throws: where a file can't be used.
  init(_ files: SecureFiles, _ version: HTTPVersion) throws(LoadGeneratorError) {
    guard let context = SSL_CTX_new(TLS_client_method()) else {
      throw LoadGeneratorError("OpenSSL has no memory left; free some")
    }
    self.context = context
    copenssl_prepare(context)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    // The names of versions, each after its length (RFC 7301).
    let name = version == .http2 ? Self.http2 : Array("http/1.1".utf8)
    let offer = [UInt8(name.count)] + name
    SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count))
    if let authorities = files.authorities {
      guard SSL_CTX_load_verify_locations(context, authorities, nil) == 1 else {
        throw LoadGeneratorError(
          "\(authorities): no certificates can be read there; a file in PEM is needed")
      }
    } else {
      SSL_CTX_set_default_verify_paths(context)
    }
    guard let certificate = files.certificate else { return }
    guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
      throw LoadGeneratorError(
        "\(certificate): no certificate can be read there; a file in PEM is needed")
    }
    let key = files.key ?? certificate
    guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
      throw LoadGeneratorError(
        "\(key): no key of \(certificate) can be read there; a file in PEM is needed")
    }
  }

  fileprivate static let http2 = Array("h2".utf8)

  deinit { SSL_CTX_free(context) }

  /// A channel over a socket to a server of that name; nil for want of memory.
  func channel(over descriptor: Int32, to name: String) -> SecureChannel? {
    guard let channel = SSL_new(context) else { return nil }
    SSL_set_fd(channel, descriptor)
    SSL_set_connect_state(channel)
    var scratch = in6_addr()
    let isAddress =
      inet_pton(AF_INET, name, &scratch) == 1 || inet_pton(AF_INET6, name, &scratch) == 1
    if isAddress {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(channel), name)
    } else {
      copenssl_set_server_name(channel, name)
      SSL_set1_host(channel, name)
    }
    return SecureChannel(channel)
  }
}

/// TLS over one socket that doesn't block.
final class SecureChannel {
  private let channel: OpaquePointer

  fileprivate init(_ channel: OpaquePointer) { self.channel = channel }

  deinit { SSL_free(channel) }

  func handshake() -> SocketConnection.Transfer {
    ERR_clear_error()
    let code = SSL_do_handshake(channel)
    guard code != 1 else { return .done }
    switch SSL_get_error(channel, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
    default: return .failed(.secureChannelFailed)
    }
  }

  /// Whether the server chose HTTP/2 in the handshake.
  var hasAgreedOnHTTP2: Bool {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(channel, &name, &count)
    return UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual(SecureContext.http2)
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> SocketConnection.Count {
    ERR_clear_error()
    let count = SSL_write(channel, bytes.baseAddress, Int32(clamping: bytes.count))
    return count > 0 ? .count(Int(count)) : failure(count)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> SocketConnection.Count {
    ERR_clear_error()
    let count = SSL_read(channel, buffer.baseAddress, Int32(clamping: buffer.count))
    return count > 0 ? .count(Int(count)) : failure(count)
  }

  private func failure(_ code: Int32) -> SocketConnection.Count {
    let number = errno
    switch SSL_get_error(channel, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
    case SSL_ERROR_ZERO_RETURN: return .closed
    case SSL_ERROR_SYSCALL where number != 0: return SocketConnection.failure(number)
    // Many servers end without a word.
    default: return .failed(.connectionLost)
    }
  }
}
