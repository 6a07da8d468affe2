import Synchronization

/// A copy of the API server's objects of one kind that follows their changes: a list, then watches
/// from its version, each from where the last one ended; when that version has expired, a list
/// again.
package final class Informer: Sendable {
  package let kind: ResourceKind
  private let selection: Selection
  private let client: Client
  private let backoff: Backoff
  private let stopwatch: Stopwatch
  private let chance: @Sendable () -> Double
  private let onChange: @Sendable (ObjectChange) -> Void
  private let onFailure: @Sendable (any Error) -> Void
  private let state: Mutex<State>
  private let synced = Gate()

  private struct State {
    var cache: ObjectCache
    /// Where the next watch starts; nil when a list is needed first.
    var resourceVersion: String?
    var counts = Counts()
  }

  /// What the informer has done, for metrics.
  package struct Counts: Hashable, Sendable {
    package var lists = 0
    package var watches = 0
    package var events = 0
    package var failures = 0

    package init() {}
  }

  /// - Parameters:
  ///   - chance: uniform in 0..<1, anew at each call.
  ///   - indexes: by what else than their keys objects are looked up.
  ///   - onFailure: told of every list and watch that failed; they are tried again.
  ///   - onChange: called in the order of the changes, after the cache has taken them over.
  package init(
    _ kind: ResourceKind, _ selection: Selection = Selection(), client: Client,
    clock: any Clock<Duration>, backoff: Backoff = .watches,
    chance: @escaping @Sendable () -> Double,
    indexes: [String: ObjectCache.IndexValues] = [:],
    onFailure: @escaping @Sendable (any Error) -> Void = { _ in },
    onChange: @escaping @Sendable (ObjectChange) -> Void
  ) {
    self.kind = kind
    self.selection = selection
    self.client = client
    self.backoff = backoff
    self.stopwatch = Stopwatch(clock)
    self.chance = chance
    self.onChange = onChange
    self.onFailure = onFailure
    self.state = Mutex(State(cache: ObjectCache(indexes: indexes)))
  }
}

// MARK: - Looking up

extension Informer {
  package subscript(key: ObjectKey) -> KubernetesObject? { state.withLock { $0.cache[key] } }
  /// In the order of their keys.
  package var objects: [KubernetesObject] { state.withLock { $0.cache.objects } }
  package func objects(in index: String, under value: String) -> [KubernetesObject] {
    state.withLock { $0.cache.objects(in: index, under: value) }
  }
  /// Whether the first list has arrived: until then, what isn't here may well be there.
  package var hasSynced: Bool { synced.isOpen }
  package var counts: Counts { state.withLock { $0.counts } }

  /// Returns once the first list has arrived.
  package func waitUntilSynced() async throws { try await synced.wait() }
}

// MARK: - Following

extension Informer {
  /// Follows the changes until the task is cancelled. To be called once.
  package func run() async throws {
    var failures = 0
    while true {
      var wish = Duration.zero
      try Task.checkCancellation()
      do {
        let start = try await startVersion()
        if try await follow(from: start) { failures = 0 } else { failures += 1 }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        try Task.checkCancellation()
        failures += 1
        wish = (error as? APIFailure)?.retryAfter ?? .zero
        noteFailure(error)
      }
      guard failures > 0 else { continue }
      let delay = backoff.delay(failures: failures, chance: chance())
      try await stopwatch.sleep(for: wish + delay)
    }
  }

  private func noteFailure(_ error: any Error) {
    let isExpired = (error as? APIFailure)?.reason == .expired
    state.withLock { state in
      state.counts.failures += 1
      if isExpired { state.resourceVersion = nil }
    }
    onFailure(error)
  }

  /// Where to watch from: where the last watch ended, or a new list.
  private func startVersion() async throws -> String {
    if let version = state.withLock({ $0.resourceVersion }) { return version }
    let list = try await client.list(kind, selection)
    let changes = state.withLock { state in
      state.resourceVersion = list.resourceVersion
      state.counts.lists += 1
      return state.cache.replace(with: list.items)
    }
    for change in changes { onChange(change) }
    synced.open()
    return list.resourceVersion
  }

  /// Watches until the server ends it; false when it ended at once, without a word.
  private func follow(from version: String) async throws -> Bool {
    state.withLock { $0.counts.watches += 1 }
    let start = stopwatch.elapsed
    var isSilent = true
    for try await event in client.watch(kind, selection, from: version) {
      if case .error(let failure) = event { throw failure }
      isSilent = false
      take(event)
    }
    try Task.checkCancellation()
    return !isSilent || stopwatch.elapsed - start >= .seconds(1)
  }

  private func take(_ event: WatchEvent) {
    let change = state.withLock { state in
      state.counts.events += 1
      if let version = event.resourceVersion, !version.isEmpty { state.resourceVersion = version }
      return state.cache.apply(event)
    }
    if let change { onChange(change) }
  }
}
