import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing

/// What wakes a controller.
@Suite struct ControllerRunTests {
  private let client = SimulatedCluster().client

  private func make(_ kind: ResourceKind, _ name: String) async throws {
    _ = try await client.create(
      kind, KubernetesObject(kind, ObjectKey(namespace: "shop", name: name)))
  }

  private func touch(_ kind: ResourceKind, _ name: String, _ value: String) async throws {
    _ = try await client.patch(
      kind, ObjectKey(namespace: "shop", name: name), .annotation("touched", value))
  }

  @Test func `an object wakes its own key, and settings wake every key`() async throws {
    for name in ["a", "b"] { try await make(.inferences, name) }
    for name in ["settings", "other"] { try await make(.configMaps, name) }
    let (keys, told) = AsyncStream<ObjectKey>.makeStream()
    let controller = Controller(
      name: "test",
      sources: [
        WatchSource(.inferences) { [$0.key] },
        .everything(after: .configMaps, Selection(fields: "metadata.name=settings")),
      ]
    ) { key in
      told.yield(key)
      return .never
    }
    let run = ControllerRun(
      [controller], client: client, clock: ContinuousClock(), chance: { 0.5 })
    let following = Task { try await run.follow() }
    let working = Task { try await run.work() }
    defer {
      following.cancel()
      working.cancel()
    }
    var iterator = keys.makeAsyncIterator()
    func next(_ count: Int) async -> Set<String> {
      var names: Set<String> = []
      for _ in 0..<count { if let key = await iterator.next() { names.insert(key.name) } }
      return names
    }
    #expect(await next(2) == ["a", "b"])
    try await touch(.inferences, "b", "1")
    #expect(await next(1) == ["b"])
    try await touch(.configMaps, "settings", "1")
    #expect(await next(2) == ["a", "b"])
    // Had the first of these woken anything, the second would come later.
    try await touch(.configMaps, "other", "1")
    try await touch(.inferences, "a", "1")
    #expect(await next(1) == ["a"])
  }
}
