import Kubernetes
import Testing

@Suite struct PatchConformanceTests {
  @Test(arguments: Backend.available)
  func `a merge patch sets, merges and removes`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      try await cluster.make("a", labels: ["keep": "1", "drop": "1"])
      let patched = try await cluster.client.patch(
        .widgets, cluster.key("a"),
        .merge([
          "metadata": ["labels": ["drop": nil, "new": "1"]], "spec": ["color": "red"],
        ]))
      #expect(patched.labels == ["keep": "1", "new": "1"])
      #expect(patched.spec == ["size": 1, "color": "red"])
      #expect(patched.generation == 2)
    }
  }

  @Test(arguments: Backend.available)
  func `a JSON patch pins what it changes`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      try await cluster.make("a")
      let size = JSONPointer(["spec", "size"])
      let patch = JSONPatch([.test(size, 1), .replace(size, 5)])
      #expect(
        try await client.patch(.widgets, cluster.key("a"), .json(patch)).spec?["size"] == 5)
      let reason = try await failure {
        _ = try await client.patch(.widgets, cluster.key("a"), .json(patch))
      }
      guard case .invalid = reason else {
        Issue.record("a failed test gave \(String(describing: reason))")
        return
      }
      #expect(try await client.get(.widgets, cluster.key("a")).spec?["size"] == 5)
    }
  }

  @Test(arguments: Backend.available)
  func `a patch with an old version is a conflict`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let made = try await cluster.make("a")
      _ = try await client.patch(.widgets, made.key, .merge(["spec": ["size": 2]]))
      let late: JSONValue = [
        "metadata": ["resourceVersion": .string(made.resourceVersion ?? "")],
        "spec": ["size": 3],
      ]
      let reason = try await failure {
        _ = try await client.patch(.widgets, made.key, .merge(late))
      }
      #expect(reason == .conflict)
    }
  }

  @Test(arguments: Backend.available)
  func `apply makes and changes an object`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let made = try await client.apply(.widgets, cluster.widget("a", size: 3), manager: "one")
      #expect(made.spec?["size"] == 3 && made.generation == 1)
      let changed = try await client.apply(.widgets, cluster.widget("a", size: 4), manager: "one")
      #expect(changed.spec?["size"] == 4 && changed.uid == made.uid && changed.generation == 2)
      let managers = (changed.json["metadata"]?["managedFields"]?.array ?? []).filter {
        $0["operation"] == "Apply"
      }
      let names = managers.map { $0["manager"] }
      #expect(names == ["one"])
    }
  }

  @Test(arguments: Backend.available)
  func `managers conflict over values and may take over`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      _ = try await client.apply(.widgets, cluster.widget("a", size: 3), manager: "one")
      let same = try await client.apply(.widgets, cluster.widget("a", size: 3), manager: "two")
      #expect(same.spec?["size"] == 3)
      let reason = try await failure {
        _ = try await client.apply(.widgets, cluster.widget("a", size: 4), manager: "two")
      }
      #expect(reason == .conflict)
      let forced = try await client.apply(
        .widgets, cluster.widget("a", size: 4), manager: "two", force: true)
      #expect(forced.spec?["size"] == 4)
      let lost = try await failure {
        _ = try await client.apply(.widgets, cluster.widget("a", size: 3), manager: "one")
      }
      #expect(lost == .conflict)
    }
  }

  @Test(arguments: Backend.available)
  func `a field that is no longer applied goes`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      var object = cluster.widget("a", labels: ["x": "1"])
      object.set("red", at: ["spec", "color"])
      _ = try await client.apply(.widgets, object, manager: "one")
      let other = KubernetesObject(
        .widgets, cluster.key("a"), content: ["spec": ["tags": ["new"]]])
      _ = try await client.apply(.widgets, other, manager: "two")
      let result = try await client.apply(.widgets, cluster.widget("a"), manager: "one")
      #expect(result.spec == ["size": 1, "tags": ["new"]])
      #expect(result.labels.isEmpty)
    }
  }

  @Test(arguments: Backend.available)
  func `the status is applied by itself`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      try await cluster.make("a")
      let status = KubernetesObject(
        .widgets, cluster.key("a"), content: ["status": ["phase": "Up"]])
      let result = try await client.apply(
        .widgets, status, manager: "one", subresource: .status)
      #expect(result.status == ["phase": "Up"] && result.spec?["size"] == 1)
      let missing = KubernetesObject(
        .widgets, cluster.key("none"), content: ["status": ["phase": "Up"]])
      let reason = try await failure {
        _ = try await client.apply(.widgets, missing, manager: "one", subresource: .status)
      }
      #expect(reason == .notFound)
    }
  }
}
