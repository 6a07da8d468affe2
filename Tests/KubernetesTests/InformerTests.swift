import Kubernetes
import Simulation
import Synchronization
import Testing

/// The informer against a server whose faults are chosen.
@Suite struct InformerTests {
  @Test func `changes are told in their order`() async throws {
    let world = World()
    try await world.make("a")
    try await world.run { informer in
      try await world.make("b")
      _ = try await world.client.patch(.configMaps, key("a"), .merge(["data": ["k": "v"]]))
      try await world.client.delete(.configMaps, key("b"))
      try await world.waitFor("added a, added b, modified a, deleted b")
      #expect(informer.objects.map(\.name) == ["a"])
      #expect(informer[key("a")]?.json["data"]?["k"] == "v")
    }
  }

  @Test func `a broken watch goes on where it was`() async throws {
    let world = World()
    try await world.make("a")
    try await world.run { informer in
      world.server.breakWatches()
      await world.clock.waitForSleepers()
      try await world.make("b")
      world.clock.advance(by: .seconds(60))
      try await world.waitFor("added a, added b")
      #expect(informer.counts.lists == 1 && informer.counts.watches == 2)
    }
  }

  @Test func `what was missed while the past was forgotten is found by listing`() async throws {
    let world = World()
    try await world.make("gone")
    try await world.make("remade")
    try await world.make("stays")
    try await world.run { informer in
      world.server.breakWatches()
      await world.clock.waitForSleepers()
      try await world.client.delete(.configMaps, key("gone"))
      try await world.client.delete(.configMaps, key("remade"))
      try await world.make("remade")
      try await world.make("new")
      world.server.compact()
      world.clock.advance(by: .seconds(60))
      // The watch fails with 410 and is backed off from, then the list comes.
      await world.clock.waitForSleepers()
      world.clock.advance(by: .seconds(60))
      try await world.waitFor(
        "added gone, added remade, added stays, deleted gone, added new, deleted remade, "
          + "added remade")
      #expect(informer.counts.lists == 2)
      #expect(informer.objects.map(\.name) == ["new", "remade", "stays"])
    }
  }

  @Test func `a bookmark saves a list`() async throws {
    let world = World()
    try await world.make("a")
    try await world.run { informer in
      // Changes of other kinds move the version on; nobody tells the watch.
      for _ in 0..<3 {
        _ = try await world.client.create(
          .services, KubernetesObject(.services, ObjectKey(namespace: "default", name: "s")))
        try await world.client.delete(.services, ObjectKey(namespace: "default", name: "s"))
      }
      world.server.sendBookmarks()
      while informer.counts.events < 1 { await Task.yield() }
      world.server.compact()
      world.server.closeWatches()
      try await world.make("b")
      await world.letTimePass { world.told.count < 2 }
      #expect(informer.counts.lists == 1)
    }
  }

  @Test func `a list that fails is tried again`() async throws {
    let world = World()
    try await world.make("a")
    world.server.fail(next: 2, with: .serverError(503)) { $0.verb == .list }
    let informer = world.informer()
    let run = Task { try await informer.run() }
    defer { run.cancel() }
    for _ in 0..<2 {
      await world.clock.waitForSleepers()
      #expect(!informer.hasSynced)
      world.clock.advance(by: .seconds(60))
    }
    try await informer.waitUntilSynced()
    #expect(informer.counts.failures == 2)
  }

  @Test func `a server that is too busy for a watch is left alone for as long as it wishes`()
    async throws
  {
    let world = World()
    try await world.make("a")
    world.server.fail(with: .tooManyRequests, retryAfter: .seconds(40)) { $0.verb == .watch }
    let informer = world.informer()
    let run = Task { try await informer.run() }
    defer { run.cancel() }
    try await informer.waitUntilSynced()
    await world.clock.waitForSleepers()
    // Its wish, and jitter within the first bound of 800 ms.
    let wait = try #require(world.clock.untilNextWakeUp)
    #expect(abs(wait / .seconds(1) - 40.4) < 1e-9)
    world.clock.advance(by: .seconds(41))
    try await world.make("b")
    try await world.waitFor("added a, added b")
    #expect(informer.counts.lists == 1)
  }

  @Test func `waiting for a list can be cancelled`() async throws {
    let world = World()
    let informer = world.informer()
    let waiting = Task { try await informer.waitUntilSynced() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}

private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

/// A server, an informer of its config maps, and what that has told.
private final class World: Sendable {
  let server = InMemoryAPIServer()
  let clock = ManualClock()
  private let changes = Mutex<[String]>([])

  var client: Client { .inMemory(server) }
  var told: [String] { changes.withLock { $0 } }

  func informer() -> Informer {
    Informer(.configMaps, client: client, clock: clock, chance: { 0.5 }) { change in
      let text =
        switch change {
        case .added(let object): "added \(object.name)"
        case .modified(_, let object): "modified \(object.name)"
        case .deleted(let object): "deleted \(object.name)"
        }
      self.changes.withLock { $0.append(text) }
    }
  }

  func run(_ body: (Informer) async throws -> Void) async throws {
    let informer = informer()
    let run = Task { try await informer.run() }
    defer { run.cancel() }
    try await informer.waitUntilSynced()
    // The first watch has begun, and has nothing to tell.
    let start = ContinuousClock.now
    while !server.calls.contains(where: { $0.verb == .watch }) {
      try #require(ContinuousClock.now - start < .seconds(120), "no watch began")
      await Task.yield()
    }
    try await body(informer)
  }

  func make(_ name: String) async throws {
    _ = try await client.create(.configMaps, KubernetesObject(.configMaps, key(name)))
  }

  func waitFor(_ text: String) async throws {
    let count = text.split(separator: ",").count
    for _ in 0..<100_000 where told.count < count { await Task.yield() }
    #expect(told.joined(separator: ", ") == text)
  }

  /// Moves the clock on whenever someone waits for it, as long as the condition holds.
  func letTimePass(while condition: () -> Bool) async {
    while condition() {
      if clock.sleeperCount > 0 { clock.advance(by: .seconds(60)) }
      await Task.yield()
    }
  }
}
