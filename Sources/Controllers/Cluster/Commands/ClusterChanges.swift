import CustomResources
package import Kubernetes

/// Wakes whoever follows objects of a cluster: at once, after their changes, and from time to time.
package struct ClusterChanges: Sendable {
  private let client: Client
  private let sources: [(kind: ResourceKind, selection: Selection)]
  private let clock: any Clock<Duration>
  private let chance: @Sendable () -> Double

  /// - Parameter chance: uniform in 0..<1, anew at each call.
  package init(
    of sources: [(kind: ResourceKind, selection: Selection)], client: Client,
    clock: any Clock<Duration>, chance: @escaping @Sendable () -> Double
  ) {
    self.client = client
    self.sources = sources
    self.clock = clock
    self.chance = chance
  }

  /// The experiment and its trials.
  package init(
    ofExperiment key: ObjectKey, client: Client, clock: any Clock<Duration>,
    chance: @escaping @Sendable () -> Double
  ) {
    let trials = Selection(namespace: key.namespace, labels: ClusterNames.trials(of: key.name))
    self.init(
      of: [(.profilingExperiments, Selection(key)), (.trials, trials)], client: client,
      clock: clock, chance: chance)
  }

  /// Calls the body until it returns a value.
  /// - Parameter interval: how long to wait for a change.
  package func follow<Result: Sendable>(
    every interval: Duration = .seconds(5), _ body: () async throws -> Result?
  ) async throws -> Result {
    let (stream, continuation) = AsyncStream<Void>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for (kind, selection) in sources {
        let informer = Informer(kind, selection, client: client, clock: clock, chance: chance) {
          _ in continuation.yield()
        }
        group.addTask { try await informer.run() }
      }
      group.addTask {
        while true {
          try await clock.sleep(for: interval)
          continuation.yield()
        }
      }
      continuation.yield()
      for await _ in stream {
        if let result = try await body() { return result }
      }
      throw CancellationError()
    }
  }
}
