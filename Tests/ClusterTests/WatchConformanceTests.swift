import Kubernetes
import Simulation
import Testing
import Transport

@Suite struct WatchConformanceTests {
  @Test(arguments: Backend.available)
  func `a list comes in pages of one version`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      for number in 0..<5 { try await cluster.make("w\(number)") }
      let selection = Selection(namespace: cluster.namespace)
      let first = try await client.listPage(.widgets, ListQuery(selection, limit: 2))
      #expect(first.items.map(\.name) == ["w0", "w1"])
      try await cluster.make("w9")
      let token = try #require(first.continueToken)
      let second = try await client.listPage(
        .widgets, ListQuery(selection, limit: 2, continueToken: token))
      #expect(second.items.map(\.name) == ["w2", "w3"])
      #expect(second.resourceVersion == first.resourceVersion)
      let third = try await client.listPage(
        .widgets, ListQuery(selection, limit: 2, continueToken: second.continueToken))
      #expect(third.items.map(\.name) == ["w4"] && third.continueToken == nil)
      let all = try await client.list(.widgets, selection, pageLimit: 2)
      #expect(all.items.map(\.name) == ["w0", "w1", "w2", "w3", "w4", "w9"])
      #expect(Set(all.items.map(\.kind)) == ["Widget"])
    }
  }

  static let selectors: [(selector: LabelSelector, names: [String])] = [
    (LabelSelector(["app": "web"]), ["both", "web"]),
    (LabelSelector([.in("app", ["web", "db"])]), ["both", "db", "web"]),
    (LabelSelector([.notIn("app", ["web"])]), ["bare", "db"]),
    (LabelSelector([.exists("tier")]), ["both"]),
    (LabelSelector([.doesNotExist("app")]), ["bare"]),
    (LabelSelector([.in("app", ["web"]), .doesNotExist("tier")]), ["web"]),
  ]

  @Test(arguments: Backend.available)
  func `labels and fields select`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      try await cluster.make("web", labels: ["app": "web"])
      try await cluster.make("db", labels: ["app": "db"])
      try await cluster.make("both", labels: ["app": "web", "tier": "front"])
      try await cluster.make("bare")
      for (selector, names) in Self.selectors {
        let selection = Selection(namespace: cluster.namespace, labels: selector)
        let found = try await cluster.client.list(.widgets, selection).items
        #expect(found.map(\.name) == names, "\(selector)")
        let matching = found.filter { selector.matches($0.labels) }
        #expect(matching.count == found.count)
      }
      let one = try await cluster.client.list(.widgets, Selection(cluster.key("db")))
      #expect(one.items.map(\.name) == ["db"])
    }
  }

  @Test(arguments: Backend.available)
  func `a watch tells every change after its version`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      try await cluster.make("before")
      let selection = Selection(namespace: cluster.namespace)
      let list = try await client.list(.widgets, selection)
      try await cluster.make("a")
      _ = try await client.patch(.widgets, cluster.key("a"), .merge(["spec": ["size": 2]]))
      try await client.delete(.widgets, cluster.key("a"))
      let events = try await collect(
        3, client.watch(.widgets, selection, from: list.resourceVersion))
      #expect(events.map(Self.text) == ["added a 1", "modified a 2", "deleted a 2"])
      let versions = events.compactMap { $0.resourceVersion.flatMap(Int.init) }
      #expect(versions.count == 3 && versions == versions.sorted() && Set(versions).count == 3)
    }
  }

  @Test(arguments: Backend.available)
  func `a watch without a version starts with what is there`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      try await cluster.make("a")
      try await cluster.make("b")
      let events = try await collect(
        2, cluster.client.watch(.widgets, Selection(namespace: cluster.namespace)))
      #expect(Set(events.map(Self.text)) == ["added a 1", "added b 1"])
    }
  }

  @Test(arguments: Backend.available)
  func `an object enters and leaves a selection`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let selection = Selection(
        namespace: cluster.namespace, labels: LabelSelector(["in": "yes"]))
      let start = try await client.list(.widgets, selection).resourceVersion
      let key = try await cluster.make("a").key
      for label: JSONValue in ["yes", "no"] {
        _ = try await client.patch(
          .widgets, key, .merge(["metadata": ["labels": ["in": label]]]))
      }
      let events = try await collect(2, client.watch(.widgets, selection, from: start))
      #expect(events.map(Self.text) == ["added a 1", "deleted a 1"])
    }
  }

  @Test(arguments: Backend.available)
  func `a version that is too old has expired`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      try await cluster.make("a")
      cluster.server?.compact()
      var reasons: [APIFailure.Reason] = []
      // Some servers answer with the failure, others with an event.
      do {
        let watch = cluster.client.watch(
          .widgets, Selection(namespace: cluster.namespace), from: "1")
        for try await event in watch {
          if case .error(let failure) = event { reasons.append(failure.reason) }
        }
      } catch let failure as APIFailure {
        reasons.append(failure.reason)
      }
      #expect(reasons == [.expired])
    }
  }

  @Test(arguments: Backend.available)
  func `an informer keeps up`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      try await cluster.make("a", labels: ["app": "web"])
      let informer = Informer(
        .widgets, Selection(namespace: cluster.namespace), client: client,
        clock: ContinuousClock(), chance: { 0.5 },
        indexes: ["app": { $0.labels["app"].map { [$0] } ?? [] }]
      ) { _ in }
      let run = Task { try await informer.run() }
      defer { run.cancel() }
      try await informer.waitUntilSynced()
      #expect(informer.objects.map(\.name) == ["a"])
      try await cluster.make("b", labels: ["app": "web"])
      try await client.delete(.widgets, cluster.key("a"))
      try await eventually("the informer has seen it") {
        informer.objects(in: "app", under: "web").map(\.name) == ["b"]
      }
      #expect(informer.counts.lists == 1)
    }
  }

  @Test(arguments: Backend.available)
  func `a lease has one holder at a time`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let electors = ["one", "two"].map { identity in
        LeaderElector(
          LeaderElection(identity: identity, retryPeriod: .milliseconds(50)),
          lease: cluster.key("lead"), client: cluster.client, clock: ContinuousClock(),
          now: { .now() }, chance: { 0.5 })
      }
      try await electors[0].lead {
        let second = Task { try await electors[1].lead {} }
        try await Task.sleep(for: .milliseconds(300))
        #expect(electors[0].isLeading && !electors[1].isLeading)
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
      }
      // The first has stepped down, so the second need not wait for the lease to run out.
      try await electors[1].lead { #expect(electors[1].isLeading) }
      let lease = try await cluster.client.get(.leases, cluster.key("lead"))
      let record = LeaseRecord(lease)
      #expect(record.holder.isEmpty && record.transitions >= 1)
    }
  }

  static func text(_ event: WatchEvent) -> String {
    switch event {
    case .added(let object): "added \(object.name) \(object.spec?["size"]?.integer ?? 0)"
    case .modified(let object): "modified \(object.name) \(object.spec?["size"]?.integer ?? 0)"
    case .deleted(let object): "deleted \(object.name) \(object.spec?["size"]?.integer ?? 0)"
    case .bookmark: "bookmark"
    case .error(let failure): "error \(failure)"
    }
  }

  /// So many events that aren't bookmarks.
  private func collect(
    _ count: Int, _ stream: AsyncThrowingStream<WatchEvent, any Error>
  ) async throws -> [WatchEvent] {
    var events: [WatchEvent] = []
    for try await event in stream {
      if case .bookmark = event { continue }
      events.append(event)
      if events.count == count { break }
    }
    return events
  }
}
