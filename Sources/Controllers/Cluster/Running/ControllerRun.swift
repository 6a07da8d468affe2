package import Kubernetes
import Synchronization

/// Runs controllers over one client: what they watch is watched once, and keys are reconciled one
/// at a time.
///
/// `follow` and `work` are apart, so that a daemon that doesn't lead knows already what is there.
package final class ControllerRun: Sendable {
  private let controllers: [Controller]
  private let followers: [Follower]
  private let intake: Intake
  private let stopwatch: Stopwatch
  private let resyncPeriod: Duration
  private let tell: @Sendable (ControllerEvent) -> Void
  private let stop = Gate()
  /// When the work under way began.
  private let work = Mutex<[Intake.Item: Duration]>([:])

  /// - Parameters:
  ///   - following: what is followed beside the controllers' own, for others to look up.
  ///   - namespaces: outside of them nothing is watched or reconciled; nil for no such bound.
  ///     A source with a namespace of its own keeps it.
  ///   - chance: uniform in 0..<1, anew at each call.
  ///   - resyncPeriod: after so long every key is reconciled again though nothing has happened.
  package init(
    _ controllers: [Controller], following kinds: [ResourceKind] = [], client: Client,
    namespaces: [String]? = nil, clock: any Clock<Duration>,
    chance: @escaping @Sendable () -> Double, resyncPeriod: Duration = .seconds(600),
    tell: @escaping @Sendable (ControllerEvent) -> Void = { _ in }
  ) {
    self.controllers = controllers
    self.stopwatch = Stopwatch(clock)
    self.resyncPeriod = resyncPeriod
    self.tell = tell
    let intake = Intake(
      controllers, following: kinds, namespaces: namespaces,
      queue: WorkQueue(clock: clock, chance: chance))
    self.intake = intake
    self.followers = intake.places.map { place in
      Follower(place, client: client, clock: clock, chance: chance, tell: tell) { change in
        tell(.changed(place.kind, change))
        intake.take(change, at: place)
      }
    }
  }

  /// The objects of a kind that is followed, as they were last seen, in the order of their keys.
  package func objects(_ kind: ResourceKind) -> [KubernetesObject] {
    let found = followers.filter { $0.place.kind == kind }.flatMap(\.objects)
    let byKey = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
    return byKey.sorted { $0.key < $1.key }.map(\.value)
  }

  package var figures: ControllerFigures {
    let now = stopwatch.elapsed
    let work = work.withLock { $0 }.map {
      ControllerFigures.Work(
        controller: controllers[$0.key.controller].name, key: $0.key.key, elapsed: now - $0.value)
    }
    return ControllerFigures(
      queueLength: intake.queue.count, work: work, followers: followers.map(\.figures))
  }
}

// MARK: - Following

extension ControllerRun {
  /// Follows everything until the task is cancelled.
  package func follow() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for follower in followers {
        group.addTask { try await follower.run() }
      }
      try await group.waitForAll()
    }
  }
}

// MARK: - Working

extension ControllerRun {
  /// Once it is known what is there, reconciles every key, and then those that something happens
  /// to; until it is shut down, or the task is cancelled. To be called once.
  package func work(workers: Int = 1) async throws {
    try await waitUntilSettled()
    guard !stop.isOpen else { return }
    intake.open()
    addAll()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while true {
          try await self.stopwatch.sleep(for: self.resyncPeriod)
          self.addAll()
        }
      }
      group.addTask { for await _ in self.intake.wakeUps { self.addAll() } }
      for _ in 0..<workers { group.addTask { await self.workOff() } }
      // The first to end is a worker, or the others when they are cancelled.
      try await group.next()
      for _ in 1..<workers { try await group.next() }
      group.cancelAll()
    }
    try Task.checkCancellation()
  }

  /// What runs is finished, and nothing new is begun.
  package func shutDown() {
    stop.open()
    intake.queue.shutDown()
  }

  private func waitUntilSettled() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for follower in self.followers { try await follower.settled.wait() } }
      group.addTask { try await self.stop.wait() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func addAll() {
    for follower in followers {
      for object in follower.objects {
        intake.take(.added(object), at: follower.place, isNews: false)
      }
    }
  }

  private func workOff() async {
    while let item = await intake.queue.next() {
      if !stop.isOpen, !Task.isCancelled { await reconcile(item) }
      intake.queue.done(item)
    }
  }

  private func reconcile(_ item: Intake.Item) async {
    let controller = controllers[item.controller]
    let start = stopwatch.elapsed
    work.withLock { $0[item] = start }
    defer { work.withLock { $0[item] = nil } }
    do {
      let requeue = try await controller.reconcile(item.key)
      intake.queue.forget(item)
      if case .after(let delay) = requeue { intake.queue.add(item, after: delay) }
      tell(
        .reconciled(
          controller: controller.name, item.key, requeue, took: stopwatch.elapsed - start))
    } catch {
      guard !Task.isCancelled else { return }
      intake.queue.addAfterFailure(item)
      tell(
        .failed(
          controller: controller.name, item.key, error,
          failures: intake.queue.failures(of: item), took: stopwatch.elapsed - start))
    }
  }
}
