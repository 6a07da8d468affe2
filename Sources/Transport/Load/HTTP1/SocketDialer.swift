import CCurl
import Glibc
import StressTest

/// Opens connections to whichever of a target's addresses answers.
final class SocketDialer {
  struct Failure: Error { let result: RequestResult }

  private let addresses: [HostAddress]
  private let port: UInt16
  /// Which of the addresses is tried.
  private(set) var index = 0
  /// The first descriptor that no connection may have.
  private let descriptorsEnd: Int32

  init?(_ addresses: [HostAddress], port: UInt16) {
    guard !addresses.isEmpty else { return nil }
    self.addresses = addresses
    self.port = port
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let spare = min(Self.descriptorsSpare, limit.rlim_cur / 4)
    descriptorsEnd = Int32(clamping: limit.rlim_cur - spare)
  }

  /// Left to the rest of the process: libdispatch ends it where it can't read of its own threads.
  private static let descriptorsSpare: rlim_t = 64

  /// Until when no port is looked for, once there was none, in nanoseconds of the monotonic clock: the
  /// kernel goes through all of them each time.
  private var portlessUntil: Int64 = 0
  private static let portlessRest: Int64 = 10_000_000

  /// A socket that is about to connect.
  func dial() -> Result<Int32, Failure> {
    guard MonotonicClock.now() >= portlessUntil else {
      return .failure(Failure(result: .resourcesExhausted))
    }
    let address = addresses[index]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, kind, 0)
    guard descriptor >= 0, descriptor < descriptorsEnd else {
      close(descriptor)
      return .failure(Failure(result: .resourcesExhausted))
    }
    var one: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    let number = address.withSocketAddress(port: port) { address, length in
      connect(descriptor, address, length) < 0 ? errno : 0
    }
    guard number == 0 || number == EINPROGRESS else {
      close(descriptor)
      if number == EADDRNOTAVAIL { portlessUntil = MonotonicClock.now() + Self.portlessRest }
      return .failure(Failure(result: SocketConnection.result(of: number)))
    }
    return .success(descriptor)
  }

  /// Whether another address is left to try after this one.
  func hasAnother(than tried: Int) -> Bool {
    // Another connection may have found out before.
    if tried == index { index = (index + 1) % addresses.count }
    return index > tried
  }

  /// Why a socket didn't connect; nil where it did.
  static func failure(of descriptor: Int32) -> RequestResult? {
    var number: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
    return number == 0 ? nil : SocketConnection.result(of: number)
  }
}
