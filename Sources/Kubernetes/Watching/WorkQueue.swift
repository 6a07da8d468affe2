import Synchronization

/// A queue of what is to be worked on, for any number of workers: see `WorkList` for its rules.
package final class WorkQueue<Item: Hashable & Sendable>: Sendable {
  private let stopwatch: Stopwatch
  private let backoff: Backoff
  private let chance: @Sendable () -> Double
  private let state = Mutex(State())

  private struct State {
    var list = WorkList<Item>()
    var isShutDown = false
    /// Workers without work, in the order of their asking.
    var waiters: [(number: Int, continuation: CheckedContinuation<Item?, Never>)] = []
    var lastWaiter = 0
    /// Sleeps until the next delayed item is due.
    var alarm: (task: Task<Void, Never>, due: Duration)?
  }

  /// - Parameter chance: uniform in 0..<1, anew at each call.
  package init(
    clock: any Clock<Duration>, backoff: Backoff = .items,
    chance: @escaping @Sendable () -> Double
  ) {
    self.stopwatch = Stopwatch(clock)
    self.backoff = backoff
    self.chance = chance
  }

  deinit { state.withLock { $0.alarm?.task.cancel() } }

  /// How many are waiting to be handed out.
  package var count: Int { state.withLock { $0.list.count } }
  /// Nothing waits, is delayed or being worked on.
  package var isIdle: Bool { state.withLock { $0.list.isIdle } }
}

// MARK: - Adding

extension WorkQueue {
  package func add(_ item: Item) {
    change { $0.list.add(item) }
  }

  /// Adds the item after a while; of two whiles the one that ends first counts.
  package func add(_ item: Item, after delay: Duration) {
    guard delay > .zero else { return add(item) }
    let time = stopwatch.elapsed + delay
    change { $0.list.add(item, at: time) }
  }

  /// Adds the item after a while that grows with each failure in a row.
  package func addAfterFailure(_ item: Item) {
    let now = stopwatch.elapsed
    let chance = chance()
    change { state in
      let failures = state.list.noteFailure(of: item)
      state.list.add(item, at: now + backoff.delay(failures: failures, chance: chance))
    }
  }

  /// The item's failures so far no longer count.
  package func forget(_ item: Item) {
    change { $0.list.forgetFailures(of: item) }
  }
  package func failures(of item: Item) -> Int { state.withLock { $0.list.failures(of: item) } }
}

// MARK: - Working

extension WorkQueue {
  /// The next item to work on, as soon as there is one; nil once the queue is shut down and empty,
  /// or the task is cancelled. Call `done` afterwards, whatever came of it.
  package func next() async -> Item? {
    let number = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = state.withLock { state in
          if Task.isCancelled { return true }
          state.waiters.append((number, continuation))
          return false
        }
        if isCancelled { return continuation.resume(returning: nil) }
        change { _ in }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume(returning: nil)
    }
  }

  package func done(_ item: Item) {
    change { $0.list.done(item) }
  }

  /// No delayed items any more; what waits already is still handed out.
  package func shutDown() {
    change { state in
      state.isShutDown = true
      state.alarm?.task.cancel()
      state.alarm = nil
    }
  }

  /// Changes the state, then hands out what there is to those who wait.
  private func change(_ body: (inout State) -> Void) {
    let now = stopwatch.elapsed
    let handed = state.withLock { state in
      body(&state)
      if !state.isShutDown { state.list.addDue(at: now) }
      setAlarm(&state, now: now)
      var handed: [(CheckedContinuation<Item?, Never>, Item?)] = []
      while !state.waiters.isEmpty {
        guard let item = state.list.take() else { break }
        handed.append((state.waiters.removeFirst().continuation, item))
      }
      if state.isShutDown {
        handed += state.waiters.map { ($0.continuation, nil) }
        state.waiters = []
      }
      return handed
    }
    for (waiter, item) in handed { waiter.resume(returning: item) }
  }

  private func setAlarm(_ state: inout State, now: Duration) {
    guard !state.isShutDown, let due = state.list.nextDue else { return }
    if let alarm = state.alarm {
      guard due < alarm.due || alarm.due <= now else { return }
      alarm.task.cancel()
    }
    let stopwatch = stopwatch
    let task = Task { [weak self] in
      try? await stopwatch.sleep(for: due - now)
      if !Task.isCancelled { self?.change { _ in } }
    }
    state.alarm = (task, due)
  }
}
