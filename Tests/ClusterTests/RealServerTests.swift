import Foundation
import Kubernetes
import Testing
import Transport

/// What only a real server can show.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.skipping))
struct RealServerTests {
  @Test func `a schema names the field that breaks it`() async throws {
    try await TestCluster.with(.real) { cluster in
      let reason = try await failure { try await cluster.make("a", size: 0) }
      guard case .invalid(let causes) = reason else {
        Issue.record("size 0 gave \(String(describing: reason))")
        return
      }
      #expect(causes.map(\.field) == ["spec.size"])
    }
  }

  @Test func `a watch is silent and is then cancelled at once`() async throws {
    try await TestCluster.with(.real) { cluster in
      let selection = Selection(namespace: cluster.namespace)
      let version = try await cluster.client.list(.widgets, selection).resourceVersion
      let task = Task {
        for try await _ in cluster.client.watch(.widgets, selection, from: version) {}
      }
      try await Task.sleep(for: .milliseconds(200))
      let start = ContinuousClock.now
      task.cancel()
      _ = await task.result
      #expect(ContinuousClock.now - start < .seconds(60))
    }
  }

  @Test func `the server ends a watch in time`() async throws {
    try await TestCluster.with(.real) { cluster in
      let selection = Selection(namespace: cluster.namespace)
      let version = try await cluster.client.list(.widgets, selection).resourceVersion
      let start = ContinuousClock.now
      let watch = cluster.client.watch(
        .widgets, selection, from: version, timeout: .seconds(1))
      for try await event in watch {
        if case .error(let failure) = event { Issue.record(failure) }
      }
      #expect(ContinuousClock.now - start < .seconds(120))
    }
  }

  @Test func `a thousand objects are listed, and a change is told soon`() async throws {
    try await TestCluster.with(.real) { cluster in
      let clock = ContinuousClock()
      let making = try await clock.measure {
        try await withThrowingTaskGroup { group in
          for number in 0..<1_000 {
            group.addTask { _ = try await cluster.make("w\(number)", labels: ["n": "\(number)"]) }
          }
          try await group.waitForAll()
        }
      }
      let selection = Selection(namespace: cluster.namespace)
      var lists: [Duration] = []
      for limit in [500, 500, 500, nil, nil, nil] {
        lists.append(
          try await clock.measure {
            let list = try await cluster.client.list(.widgets, selection, pageLimit: limit)
            #expect(list.items.count == 1_000)
          })
      }
      let latencies = try await watchLatencies(cluster, selection)
      print(
        "measured: 1000 objects made in \(making), listed in \(lists);",
        "from a change being sent to its event: \(latencies.sorted())")
      let slowest = try #require(lists.max())
      #expect(slowest < .seconds(60))
    }
  }

  /// The time from when a change was sent until the watch has told it.
  private func watchLatencies(
    _ cluster: TestCluster, _ selection: Selection
  ) async throws -> [Duration] {
    let version = try await cluster.client.list(.widgets, selection).resourceVersion
    let watch = Task {
      var arrivals: [String: ContinuousClock.Instant] = [:]
      for try await event in cluster.client.watch(.widgets, selection, from: version) {
        guard case .modified(let object) = event, let version = object.resourceVersion else {
          continue
        }
        arrivals[version] = .now
        if arrivals.count == 20 { break }
      }
      return arrivals
    }
    var starts: [String: ContinuousClock.Instant] = [:]
    for number in 0..<20 {
      try await Task.sleep(for: .milliseconds(20))
      let start = ContinuousClock.now
      let object = try await cluster.client.patch(
        .widgets, cluster.key("w0"), .merge(["spec": ["size": .integer(number + 2)]]))
      starts[object.resourceVersion ?? ""] = start
    }
    let arrivals = try await watch.value
    return starts.compactMap { version, start in arrivals[version].map { $0 - start } }
  }

  @Test(.enabled(if: !RealCluster.compactCommand.isEmpty, "CLUSTER_COMPACT names no command"))
  func `a list goes on after its token has expired`() async throws {
    try await TestCluster.with(.real) { cluster in
      for number in 0..<5 { try await cluster.make("w\(number)") }
      let selection = Selection(namespace: cluster.namespace)
      let first = try await cluster.client.listPage(.widgets, ListQuery(selection, limit: 2))
      try await cluster.make("w5")
      try RealCluster.compact()
      let reason = try await failure {
        _ = try await cluster.client.listPage(
          .widgets, ListQuery(selection, limit: 2, continueToken: first.continueToken))
      }
      #expect(reason == .expired)

      var client = cluster.client
      let pages = PageCounter()
      let listPage = client.listPage
      client.listPage = { kind, query in
        if await pages.next() == 2 {
          try await cluster.make("w6")
          try RealCluster.compact()
        }
        return try await listPage(kind, query)
      }
      let all = try await client.list(.widgets, selection, pageLimit: 2)
      #expect(all.items.map(\.name) == ["w0", "w1", "w2", "w3", "w4", "w5", "w6"])
      #expect(await pages.count > 4)
    }
  }

  @Test(.enabled(if: !RealCluster.compactCommand.isEmpty, "CLUSTER_COMPACT names no command"))
  func `an informer lists again when its version has expired`() async throws {
    try await TestCluster.with(.real) { cluster in
      let first = try await cluster.make("a")
      var client = cluster.client
      let openWatch = client.openWatch
      let watches = PageCounter()
      // The first watch starts from a version that the server has long forgotten.
      client.openWatch = { kind, query in
        AsyncThrowingStream { continuation in
          let task = Task {
            var query = query
            if await watches.next() == 1 { query.resourceVersion = "1" }
            do {
              for try await event in openWatch(kind, query) { continuation.yield(event) }
              continuation.finish()
            } catch {
              continuation.finish(throwing: error)
            }
          }
          continuation.onTermination = { _ in task.cancel() }
        }
      }
      let informer = Informer(
        .widgets, Selection(namespace: cluster.namespace), client: client,
        clock: ContinuousClock(), chance: { 0.01 }
      ) { _ in }
      let run = Task { try await informer.run() }
      defer { run.cancel() }
      try await eventually("listed again") { informer.counts.lists == 2 }
      try await cluster.make("b")
      try await eventually("follows again") { informer.objects.map(\.name) == ["a", "b"] }
      #expect(informer[first.key]?.uid == first.uid)
    }
  }

  @Test func `logs and evictions of pods that aren't there are not found`() async throws {
    try await TestCluster.with(.real) { cluster in
      let pod = cluster.key("none")
      let reading = try await failure { _ = try await cluster.client.logs(of: pod) }
      let evicting = try await failure { try await cluster.client.evict(pod) }
      #expect(reading == .notFound && evicting == .notFound)
    }
  }

  @Test func `a pod is evicted`() async throws {
    try await TestCluster.with(.real) { cluster in
      let client = cluster.client
      try await eventually("the namespace's service account is there") {
        try await client.find(.serviceAccounts, cluster.key("default")) != nil
      }
      let pod = KubernetesObject(
        .pods, cluster.key("a"),
        content: [
          "spec": [
            "automountServiceAccountToken": false,
            // Never scheduled, so that it goes at once.
            "nodeSelector": ["morphling.test/none": "none"],
            "containers": [["name": "a", "image": "localhost/none:1"]],
          ]
        ])
      _ = try await client.create(.pods, pod)
      try await client.evict(pod.key)
      try await eventually("it is gone") { try await client.find(.pods, pod.key) == nil }
    }
  }

  @Test func `another authority's certificate is refused`() async throws {
    var configuration = try RealCluster.configuration()
    configuration.authority = nil
    let client = try Client.live(configuration)
    try await expect(.transport(.certificate)) { _ = try await client.serverVersion() }
  }

  @Test func `the name in the certificate may differ from the address`() async throws {
    var configuration = try RealCluster.configuration()
    configuration.tlsServerName = "kubernetes"
    #expect(try await Client.live(configuration).serverVersion().major == 1)
    configuration.tlsServerName = "someone.else"
    let client = try Client.live(configuration)
    try await expect(.transport(.certificate)) { _ = try await client.serverVersion() }
  }

  @Test func `without credentials we are nobody`() async throws {
    var configuration = try RealCluster.configuration()
    configuration.clientCertificate = nil
    configuration.credential = .token("not-a-token")
    let client = try Client.live(configuration)
    try await expect(.unauthorized) { _ = try await client.list(.pods) }
  }
}

private actor PageCounter {
  private(set) var count = 0
  func next() -> Int {
    count += 1
    return count
  }
}
