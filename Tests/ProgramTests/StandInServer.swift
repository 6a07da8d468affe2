import Foundation
import Glibc
import Testing
import Transport

/// The stand-in by itself, as a server that somebody else started.
final class StandInServer {
  let port: Int
  private let process: ChildProcess

  var url: String { "http://127.0.0.1:\(port)/answer" }

  /// - Parameter variables: such as MODE and SERVICE_MILLISECONDS.
  init(_ variables: [String: String] = [:]) throws {
    port = try Self.freePort()
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "stand-in.py")
    process = try ChildProcess(
      ["python3", script.path],
      environment: ProcessInfo.processInfo.environment
        .merging(["HTTP_PORT": String(port)]) { $1 }.merging(variables) { $1 })
  }

  /// A port that nobody listened on a moment ago.
  static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    try #require(result)
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
