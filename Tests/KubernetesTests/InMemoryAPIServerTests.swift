import Kubernetes
import Simulation
import Testing

/// What the server in memory does on demand. What it has in common with a real one is specified by
/// the conformance tests.
@Suite struct InMemoryAPIServerTests {
  private let server = InMemoryAPIServer()
  private var client: Client { .inMemory(server) }

  private func map(_ name: String) -> KubernetesObject {
    KubernetesObject(.configMaps, ObjectKey(namespace: "default", name: name))
  }

  @Test func `the next calls that match fail`() async throws {
    _ = try await client.create(.configMaps, map("a"))
    server.fail(next: 2, with: .serverError(503)) { $0.verb == .get && $0.key.name == "a" }
    for _ in 0..<2 {
      let failure = await #expect(throws: APIFailure.self) {
        _ = try await client.get(.configMaps, "a", in: "default")
      }
      #expect(failure?.reason == .serverError(503))
    }
    #expect(try await client.get(.configMaps, "a", in: "default").name == "a")
  }

  @Test func `an answer can be lost after the deed`() async throws {
    server.fail(with: .transport(.interrupted), afterPerforming: true)
    await #expect(throws: APIFailure.self) { _ = try await client.create(.configMaps, map("a")) }
    #expect(server.objects(.configMaps).map(\.name) == ["a"])
  }

  @Test func `what fails changes nothing`() async throws {
    let before = server.objects(.namespaces)
    let version = try await client.list(.configMaps).resourceVersion
    await #expect(throws: APIFailure.self) {
      _ = try await client.create(.configMaps, map("Not a name"))
    }
    #expect(server.objects(.namespaces) == before)
    #expect(try await client.list(.configMaps).resourceVersion == version)
  }

  @Test func `a list starts again when its token expires on the way`() async throws {
    for number in 0..<5 { _ = try await client.create(.configMaps, map("m\(number)")) }
    var client = client
    let (listPage, server) = (client.listPage, server)
    client.listPage = { kind, query in
      if query.continueToken != nil { server.compact() }
      return try await listPage(kind, query)
    }
    let list = try await client.list(.configMaps, pageLimit: 2)
    #expect(list.items.map(\.name) == ["m0", "m1", "m2", "m3", "m4"])
    // Two attempts in pages, each given up at its second, then all at once.
    #expect(server.calls.filter { $0.verb == .list }.count == 5)
  }

  @Test func `latency is waited for by the clock`() async throws {
    let clock = ManualClock()
    let server = InMemoryAPIServer(clock: clock)
    server.setLatency(.seconds(3))
    let client = Client.inMemory(server)
    async let version = client.serverVersion()
    await clock.waitForSleepers()
    clock.advance(by: .seconds(3))
    #expect(try await version == ServerVersion(major: 1, minor: 33))
  }

  @Test func `a kind's own rules are enforced`() async throws {
    server.refuse(.configMaps) { object in
      object.labels.isEmpty ? [.init(field: "metadata.labels", message: "needed")] : []
    }
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await client.create(.configMaps, map("a"))
    }
    #expect(
      failure?.reason == .invalid([.init(field: "metadata.labels", message: "needed")]))
  }

  @Test func `logs are what was written`() async throws {
    let pod = KubernetesObject(.pods, ObjectKey(namespace: "default", name: "p"))
    _ = try await client.create(.pods, pod)
    server.setLog(of: pod.key, container: "main", to: "one\ntwo\nthree\n")
    server.setLog(of: pod.key, container: "main", previous: true, to: "before\n")
    #expect(try await client.logs(of: pod.key) == "one\ntwo\nthree\n")
    #expect(try await client.logs(of: pod.key, LogQuery(tailLines: 2)) == "two\nthree\n")
    #expect(try await client.logs(of: pod.key, LogQuery(limitBytes: 5)) == "one\nt")
    #expect(
      try await client.logs(of: pod.key, LogQuery(container: "main", previous: true))
        == "before\n")
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await client.logs(of: pod.key, LogQuery(container: "other"))
    }
    #expect(failure?.reason == .badRequest)
  }

  @Test func `a namespace takes its objects with it`() async throws {
    _ = try await client.create(
      .namespaces, KubernetesObject(.namespaces, ObjectKey(name: "demo")))
    let key = ObjectKey(namespace: "demo", name: "a")
    _ = try await client.create(.configMaps, KubernetesObject(.configMaps, key))
    try await client.delete(.namespaces, ObjectKey(name: "demo"))
    #expect(try await client.find(.configMaps, key) == nil)
  }
}
