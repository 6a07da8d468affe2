import CCurl
import Glibc

/// The kernel's list of descriptors that something happened to (epoll(7)), with an alarm clock and
/// a bell.
final class EventPoll {
  struct Event {
    /// Of whoever was added.
    let key: Int
    let canWrite: Bool
    /// The other side will send no more, or something is wrong.
    let hasEnded: Bool
  }

  private static let capacity = 512
  private static let timerKey = UInt64.max
  private static let bellKey = UInt64.max - 1

  private let descriptor: Int32
  private let bell: Int32
  private let timer: ArrivalTimer
  private let found = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
  private var isTimerSet = false

  init?() {
    let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    let bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0, bell >= 0, let timer = ArrivalTimer() else {
      // What is below 0 is no descriptor, which is all that close has to say of it.
      close(descriptor)
      close(bell)
      return nil
    }
    self.descriptor = descriptor
    self.bell = bell
    self.timer = timer
    _ = control(timer.descriptor, events: EPOLLIN.rawValue, key: Self.timerKey)
    _ = control(bell, events: EPOLLIN.rawValue, key: Self.bellKey)
  }

  deinit {
    close(descriptor)
    close(bell)
    found.deallocate()
  }

  /// Watches a descriptor until it is closed. Each change is told once: what can be read or
  /// written must be, until there is no more.
  func add(_ watched: Int32, key: Int) -> Bool {
    control(
      watched,
      events: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue,
      key: UInt64(key))
  }

  private func control(_ watched: Int32, events: UInt32, key: UInt64) -> Bool {
    var event = epoll_event()
    event.events = events
    event.data.u64 = key
    return epoll_ctl(descriptor, EPOLL_CTL_ADD, watched, &event) == 0
  }

  /// Waits until something happens or the instant has come, and tells what happened.
  func wait(until instant: Int64, _ tell: (Event) -> Void) {
    var timeout: Int32 = 0
    if instant > MonotonicClock.now() {
      timeout = -1
      if instant != .max {
        timer.set(to: instant)
        isTimerSet = true
      }
    }
    let count = epoll_wait(descriptor, found, Int32(Self.capacity), timeout)
    if isTimerSet {
      timer.clear()
      isTimerSet = false
    }
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      let event = found[index]
      switch event.data.u64 {
      case Self.timerKey: break
      case Self.bellKey: silence()
      case let key:
        let ending = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        tell(
          Event(
            key: Int(key), canWrite: event.events & EPOLLOUT.rawValue != 0,
            hasEnded: event.events & ending != 0))
      }
    }
  }

  /// Ends the wait, from any thread.
  func ring() {
    var one: UInt64 = 1
    _ = write(bell, &one, MemoryLayout<UInt64>.size)
  }

  private func silence() {
    var rings: UInt64 = 0
    _ = read(bell, &rings, MemoryLayout<UInt64>.size)
  }
}
