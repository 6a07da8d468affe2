import CCurl
import Glibc

/// A descriptor that becomes readable at a chosen instant of the monotonic clock.
///
/// `poll` and its kin round time-outs to milliseconds; requests are due more exactly than that.
final class ArrivalTimer {
  let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  convenience init?() {
    let descriptor = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
    guard descriptor >= 0 else { return nil }
    self.init(descriptor: descriptor)
  }

  deinit { close(descriptor) }

  /// Sets the instant, in nanoseconds; one that has passed makes it readable at once.
  func set(to instant: Int64) {
    // An instant of 0 would disarm the timer.
    let instant = max(instant, 1)
    var setting = itimerspec()
    setting.it_value.tv_sec = Int(instant / 1_000_000_000)
    setting.it_value.tv_nsec = Int(instant % 1_000_000_000)
    timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &setting, nil)
  }

  /// Makes it unreadable until it is set again.
  func clear() {
    var expirations: UInt64 = 0
    _ = read(descriptor, &expirations, MemoryLayout<UInt64>.size)
  }
}
