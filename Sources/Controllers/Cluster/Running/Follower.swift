import Kubernetes
import Synchronization

/// Follows the objects of one kind, also of one that the API server doesn't serve yet or no longer.
final class Follower: Sendable {
  /// One kind and selection, for all who want it.
  struct Place: Hashable, Sendable {
    let kind: ResourceKind
    let selection: Selection
  }

  private struct State {
    /// Nil while the kind isn't served.
    var informer: Informer?
    var polls = 0
    /// Of informers before the present one.
    var earlier = Informer.Counts()
  }

  /// How long a kind that isn't served is left alone.
  private static let pollPeriod = Duration.seconds(30)

  let place: Place
  /// Opens once it is known what is there: all objects, or that there is no such kind.
  let settled = Gate()
  private let client: Client
  private let clock: any Clock<Duration>
  private let chance: @Sendable () -> Double
  private let tell: @Sendable (ControllerEvent) -> Void
  private let onChange: @Sendable (ObjectChange) -> Void
  private let state = Mutex(State())

  init(
    _ place: Place, client: Client, clock: any Clock<Duration>,
    chance: @escaping @Sendable () -> Double,
    tell: @escaping @Sendable (ControllerEvent) -> Void,
    onChange: @escaping @Sendable (ObjectChange) -> Void
  ) {
    self.place = place
    self.client = client
    self.clock = clock
    self.chance = chance
    self.tell = tell
    self.onChange = onChange
  }

  var objects: [KubernetesObject] { state.withLock { $0.informer }?.objects ?? [] }

  var figures: FollowerFigures {
    let (informer, polls, earlier) = state.withLock { ($0.informer, $0.polls, $0.earlier) }
    return FollowerFigures(
      kind: place.kind, selection: place.selection, isServed: informer != nil,
      isSettled: settled.isOpen, counts: earlier + (informer?.counts ?? .init()), polls: polls)
  }
}

// MARK: - Following

extension Follower {
  /// Follows until the task is cancelled.
  func run() async throws {
    var failures = 0
    var isMissing = false
    while true {
      try Task.checkCancellation()
      do {
        state.withLock { $0.polls += 1 }
        if try await client.serves(place.kind) {
          if isMissing { tell(.kindFound(place.kind, place.selection)) }
          try await follow()
        }
        failures = 0
        if !isMissing { tell(.kindMissing(place.kind, place.selection)) }
        isMissing = true
        settled.open()
        try await clock.sleep(for: Self.pollPeriod)
      } catch {
        try Task.checkCancellation()
        failures += 1
        tell(.watchFailed(place.kind, place.selection, error))
        try await clock.sleep(
          for: Backoff.watches.delay(failures: failures, chance: chance()))
      }
    }
  }

  /// Follows until the kind is gone.
  private func follow() async throws {
    let gone = Gate()
    let informer = Informer(
      place.kind, place.selection, client: client, clock: clock, chance: chance,
      onFailure: { [place, tell] error in
        if (error as? APIFailure)?.reason == .notFound { return gone.open() }
        tell(.watchFailed(place.kind, place.selection, error))
      }, onChange: onChange)
    state.withLock { $0.informer = informer }
    defer {
      state.withLock { state in
        state.earlier = state.earlier + informer.counts
        state.informer = nil
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await informer.run() }
      group.addTask { try await gone.wait() }
      group.addTask { [settled] in
        try await informer.waitUntilSynced()
        settled.open()
        try await gone.wait()
      }
      defer { group.cancelAll() }
      try await group.next()
    }
    // Without their kind there are no objects.
    for object in informer.objects { onChange(.deleted(object)) }
  }
}

extension Informer.Counts {
  fileprivate static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.lists += right.lists
    sum.watches += right.watches
    sum.events += right.events
    sum.failures += right.failures
    return sum
  }
}
