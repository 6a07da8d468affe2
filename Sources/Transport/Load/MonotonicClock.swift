// The compiler may find the C types that both modules include in either of them.
import CCurl
import Glibc

/// The kernel's monotonic clock, in nanoseconds: the same that `timerfd` counts by.
enum MonotonicClock {
  static func now() -> Int64 { nanoseconds(of: CLOCK_MONOTONIC) }

  /// CPU time that the calling thread has spent.
  static func threadCPU() -> Int64 { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }

  private static func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// The duration in whole nanoseconds.
  var wholeNanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }

  /// The duration in whole milliseconds, rounded up; at least 1.
  var wholeMilliseconds: Int { max(1, Int((wholeNanoseconds + 999_999) / 1_000_000)) }
}
