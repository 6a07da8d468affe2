// The compiler may find the C types that both modules include in either of them.
import CCurl
import Glibc
import Synchronization

/// Hands out ports of 127.0.0.1 that nobody listens on, never the same one twice.
package final class FreePorts: Sendable {
  private let given = Mutex<Set<Int>>([])

  package init() {}

  /// A port that was free a moment ago.
  package func next() throws(ProcessError) -> Int {
    try given.withLock { (given) throws(ProcessError) in
      // The kernel rarely repeats itself; the bound is for a machine with few ports left.
      for _ in 0..<1_000 {
        let port = try Self.freePort()
        if given.insert(port).inserted { return port }
      }
      throw .noFreePort(code: EADDRINUSE)
    }
  }

  private static func freePort() throws(ProcessError) -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .noFreePort(code: errno) }
    defer { close(descriptor) }
    guard var address = sockaddr_in(loopbackPort: 0),
      address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0
    else { throw .noFreePort(code: errno) }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    guard named == 0 else { throw .noFreePort(code: errno) }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
