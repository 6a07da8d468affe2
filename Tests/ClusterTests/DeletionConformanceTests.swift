import Kubernetes
import Testing

@Suite struct DeletionConformanceTests {
  @Test(arguments: Backend.available)
  func `what is deleted is gone`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      try await cluster.make("a")
      try await client.delete(.widgets, cluster.key("a"))
      #expect(try await client.find(.widgets, cluster.key("a")) == nil)
      try await expect(.notFound) { try await client.delete(.widgets, cluster.key("a")) }
      let wasThere = try await client.deleteIfPresent(.widgets, cluster.key("a"))
      #expect(!wasThere)
    }
  }

  @Test(arguments: Backend.available)
  func `preconditions spare another object`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let made = try await cluster.make("a")
      let changed = try await client.patch(.widgets, made.key, .merge(["spec": ["size": 2]]))
      for deletion in [
        Deletion(uid: "00000000-0000-0000-0000-000000000000"),
        Deletion(resourceVersion: made.resourceVersion),
      ] {
        try await expect(.conflict) { try await client.delete(.widgets, made.key, deletion) }
      }
      try await client.delete(
        .widgets, made.key,
        Deletion(uid: made.uid, resourceVersion: changed.resourceVersion))
      #expect(try await client.find(.widgets, made.key) == nil)
    }
  }

  @Test(arguments: Backend.available)
  func `finalizers hold an object back`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let made = try await cluster.make("a", finalizers: ["morphling.test/clean-up"])
      try await client.delete(.widgets, made.key)
      let held = try await client.get(.widgets, made.key)
      #expect(held.isBeingDeleted && held.deletionTimestamp != nil)
      #expect(held.generation == made.generation + 1)
      let more: JSONValue = [
        "metadata": ["finalizers": ["morphling.test/clean-up", "morphling.test/more"]]
      ]
      let reason = try await failure {
        _ = try await client.patch(.widgets, made.key, .merge(more))
      }
      guard case .invalid = reason else {
        Issue.record("a new finalizer gave \(String(describing: reason))")
        return
      }
      _ = try await client.patch(
        .widgets, made.key, .merge(["metadata": ["finalizers": nil]]))
      #expect(try await client.find(.widgets, made.key) == nil)
    }
  }

  @Test(arguments: Backend.available)
  func `dependents go when their last owner is gone`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let one = try await makeMap(cluster, "one")
      let two = try await makeMap(cluster, "two")
      let owners = try [one, two].map { try #require(reference(to: $0)) }
      try await makeMap(cluster, "child", owners: owners)
      try await makeMap(
        cluster, "grandchild",
        owners: [
          try #require(reference(to: try await client.get(.configMaps, cluster.key("child"))))
        ])
      try await client.delete(.configMaps, one.key, Deletion(.background))
      #expect(try await client.find(.configMaps, cluster.key("child")) != nil)
      try await client.delete(.configMaps, two.key, Deletion(.background))
      try await eventually("child and grandchild are deleted") {
        try await client.list(.configMaps, Self.maps(cluster)).items.isEmpty
      }
    }
  }

  @Test(arguments: Backend.available)
  func `a foreground deletion waits for dependents`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let owner = try await makeMap(cluster, "owner")
      let child = try await makeMap(
        cluster,
        "child", owners: [try #require(reference(to: owner))],
        finalizers: ["morphling.test/slow"])
      try await client.delete(.configMaps, owner.key, Deletion(.foreground))
      try await eventually("the child is being deleted") {
        try await client.get(.configMaps, child.key).isBeingDeleted
      }
      let waiting = try await client.get(.configMaps, owner.key)
      #expect(waiting.isBeingDeleted && waiting.finalizers == ["foregroundDeletion"])
      _ = try await client.patch(
        .configMaps, child.key, .merge(["metadata": ["finalizers": nil]]))
      try await eventually("both are gone") {
        try await client.list(.configMaps, Self.maps(cluster)).items.isEmpty
      }
    }
  }

  @Test(arguments: Backend.available)
  func `orphans stay and lose their owner`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let owner = try await makeMap(cluster, "owner")
      try await makeMap(cluster, "child", owners: [try #require(reference(to: owner))])
      try await client.delete(.configMaps, owner.key, Deletion(.orphan))
      try await eventually("the owner is gone") {
        try await client.find(.configMaps, owner.key) == nil
      }
      #expect(try await client.get(.configMaps, cluster.key("child")).ownerReferences.isEmpty)
    }
  }

  // Config maps, since the garbage collector takes half a minute to hear of new kinds.

  private static func maps(_ cluster: TestCluster) -> Selection {
    Selection(namespace: cluster.namespace, labels: LabelSelector(["of": "test"]))
  }

  @discardableResult
  private func makeMap(
    _ cluster: TestCluster, _ name: String, owners: [OwnerReference] = [],
    finalizers: [String] = []
  ) async throws -> KubernetesObject {
    try await cluster.client.create(
      .configMaps,
      KubernetesObject(
        .configMaps, cluster.key(name), labels: ["of": "test"], owners: owners,
        finalizers: finalizers))
  }

  private func reference(to object: KubernetesObject) -> OwnerReference? {
    object.uid.map {
      OwnerReference(
        apiVersion: object.apiVersion, kind: object.kind, name: object.name, uid: $0,
        isController: false)
    }
  }
}
