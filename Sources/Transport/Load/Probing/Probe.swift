import CCurl
import Foundation
import Glibc
import StressTest

/// Asks a server for a sign of life, outside any measurement.
package enum HTTPProbe {
  /// The status that a GET is answered with; nil when there is no answer in time.
  package static func get(url: String, timeout: Duration) async -> Int? {
    await onThread {
      let (status, result) = answer(of: HTTPTarget(url: url), timeout)
      return [.success, .redirected, .statusNotOK].contains(result) ? status : nil
    }
  }

  /// What the target's request is answered with. Blocks until then.
  static func answer(
    of target: HTTPTarget, at addresses: [HostAddress] = [], _ timeout: Duration
  ) -> (status: Int, result: RequestResult) {
    guard let target = try? target.onWire(), let transfer = Transfer(target, addresses: addresses)
    else {
      return (0, .resourcesExhausted)
    }
    transfer.prepare(timeout: timeout)
    let code = curl_easy_perform(transfer.handle)
    return (transfer.status, transfer.result(of: code))
  }
}

/// Asks whether a port of this machine accepts connections.
package enum TCPProbe {
  /// Tries 127.0.0.1. Nobody answers late on the loopback interface: the kernel says at once.
  package static func accepts(port: Int) async -> Bool {
    await onThread {
      guard let address = sockaddr_in(loopbackPort: port) else { return false }
      let descriptor = socket(
        AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      return address.withSocketAddress { connect(descriptor, $0, $1) == 0 }
    }
  }
}

extension sockaddr_in {
  /// 127.0.0.1 and the port; nil when there is no such port. Port 0 asks for any.
  init?(loopbackPort port: Int) {
    guard let port = UInt16(exactly: port) else { return nil }
    self.init()
    sin_family = sa_family_t(AF_INET)
    sin_port = port.bigEndian
    sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  }

  /// Calls a socket function with the address.
  func withSocketAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: self) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

/// Runs blocking work on a thread of its own, to keep it off the cooperative ones.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread { continuation.resume(returning: work()) }.start()
  }
}
