import Glibc
import StressTest

/// How many files and connections this process may have open.
enum DescriptorLimit {
  /// Beside connections: streams, files, and what libraries open.
  private static let spare: UInt64 = 64

  /// Raises the limit to all that this user may have, and says so where that isn't enough for a
  /// closed loop. An open loop counts what it can't open as an error.
  static func raise(for plan: StressPlan) throws {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    guard case .given(.users(let count, _)) = plan.aim else { return }
    let needed = UInt64(count) + spare
    guard limit.rlim_cur < needed else { return }
    throw Failure(
      .wrongInput,
      "error: --concurrency: \(count) connections need \(needed) descriptors, and \(limit.rlim_cur) "
        + "are allowed; raise `ulimit -n`, or give fewer")
  }
}
