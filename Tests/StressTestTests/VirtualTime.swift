import Dispatch
import Synchronization

/// A clock that stands still while any task runs, and jumps to the earliest wake-up time when none
/// does. Runs tasks one at a time.
final class VirtualTime: TaskExecutor, Clock, Sendable {
  struct Instant: InstantProtocol {
    var offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct Sleeper {
    let deadline: Instant
    let ordinal: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var jobs = 0
    var ordinal = 0
    var cancelled: Set<Int> = []
    var sleepers: [Sleeper] = []
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "virtual time")

  var now: Instant { state.withLock { $0.now } }
  var minimumResolution: Duration { .nanoseconds(1) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs += 1 }
    queue.async {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
      self.advanceIfIdle()
    }
  }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let ordinal = state.withLock { state in
      state.ordinal += 1
      return state.ordinal
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isCancelled = state.withLock { state in
          if state.cancelled.remove(ordinal) != nil { return true }
          state.sleepers.append(
            Sleeper(deadline: deadline, ordinal: ordinal, continuation: continuation))
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        guard let index = state.sleepers.firstIndex(where: { $0.ordinal == ordinal }) else {
          state.cancelled.insert(ordinal)
          return nil as Sleeper?
        }
        return state.sleepers.remove(at: index)
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  private func advanceIfIdle() {
    let sleeper = state.withLock { state in
      state.jobs -= 1
      let next = state.sleepers.indices.min {
        let (left, right) = (state.sleepers[$0], state.sleepers[$1])
        return (left.deadline, left.ordinal) < (right.deadline, right.ordinal)
      }
      guard state.jobs == 0, let next else { return nil as Sleeper? }
      let sleeper = state.sleepers.remove(at: next)
      state.now = max(state.now, sleeper.deadline)
      return sleeper
    }
    sleeper?.continuation.resume()
  }
}
