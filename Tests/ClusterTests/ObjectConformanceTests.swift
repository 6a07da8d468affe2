import Kubernetes
import Simulation
import Testing

/// What an API server does to objects: the server in memory must agree with a real one.
@Suite struct ObjectConformanceTests {
  @Test(.enabled(if: RealCluster.isThere, RealCluster.skipping))
  func `a real API server is at hand`() async throws {
    let version = try await RealCluster.client().serverVersion()
    #expect(version >= ServerVersion(major: 1, minor: 16))
  }

  @Test(arguments: Backend.available)
  func `a new object gets what every object has`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let made = try await cluster.make("a", labels: ["app": "web"])
      #expect(made.uid?.isEmpty == false)
      #expect(made.resourceVersion?.isEmpty == false)
      #expect(made.generation == 1)
      #expect(made.creationTimestamp != nil)
      #expect(made.labels == ["app": "web"])
      #expect(made.spec?["size"] == 1)
      let found = try await cluster.client.get(.widgets, cluster.key("a"))
      #expect(found.uid == made.uid && found.resourceVersion == made.resourceVersion)
    }
  }

  @Test(arguments: Backend.available)
  func `a name can be left to the server`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      var object = cluster.widget("")
      object.setMetadata("name", nil)
      object.setMetadata("generateName", "w-")
      let first = try await cluster.client.create(.widgets, object)
      let second = try await cluster.client.create(.widgets, object)
      #expect(first.name.hasPrefix("w-") && second.name.hasPrefix("w-"))
      #expect(first.name != second.name)
    }
  }

  @Test(arguments: Backend.available)
  func `what can't be made says why`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      try await cluster.make("a")
      try await expect(.alreadyExists) { try await cluster.make("a") }
      let badName = try await failure { try await cluster.make("Not_A_Name") }
      guard case .invalid(let causes) = badName else {
        Issue.record("an invalid name gave \(String(describing: badName))")
        return
      }
      #expect(causes.map(\.field) == ["metadata.name"])
      let nowhere = KubernetesObject(
        .configMaps, ObjectKey(namespace: "no-such-namespace", name: "a"))
      try await expect(.notFound) { _ = try await client.create(.configMaps, nowhere) }
      let unknown = ResourceKind(
        group: "morphling.test", version: "v1", plural: "gadgets", kind: "Gadget")
      try await expect(.notFound) { _ = try await client.get(unknown, cluster.key("a")) }
      #expect(try await client.find(.widgets, cluster.key("none")) == nil)
    }
  }

  @Test(arguments: Backend.available)
  func `only a change of the spec counts as a generation`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      var object = try await cluster.make("a")
      object.labels["x"] = "y"
      object = try await client.replace(.widgets, object)
      #expect(object.generation == 1)
      object.spec = ["size": 2]
      object = try await client.replace(.widgets, object)
      #expect(object.generation == 2)
      object.status = ["phase": "Up"]
      object = try await client.replace(.widgets, object, subresource: .status)
      #expect(object.generation == 2)
      #expect(object.status == ["phase": "Up"])
    }
  }

  @Test(arguments: Backend.available)
  func `a write that changes nothing makes no version`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let made = try await cluster.make("a")
      let same = try await cluster.client.patch(
        .widgets, cluster.key("a"), .merge(["spec": ["size": 1]]))
      #expect(same.resourceVersion == made.resourceVersion)
    }
  }

  @Test(arguments: Backend.available)
  func `status and spec are written apart`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      var object = cluster.widget("a")
      object.status = ["phase": "Made up"]
      object = try await client.create(.widgets, object)
      #expect(object.status == nil)
      object.status = ["phase": "Up"]
      let main = try await client.replace(.widgets, object)
      #expect(main.status == nil)
      let both: JSONValue = ["spec": ["size": 9], "status": ["phase": "Up"]]
      let patched = try await client.patch(
        .widgets, object.key, .merge(both), subresource: .status)
      #expect(patched.status?["phase"] == "Up")
      #expect(patched.spec?["size"] == 1)
    }
  }

  @Test(arguments: Backend.available)
  func `of two writers over the same version one fails`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      var mine = try await cluster.make("a")
      var theirs = mine
      theirs.spec = ["size": 2]
      _ = try await client.replace(.widgets, theirs)
      mine.spec = ["size": 3]
      let late = mine
      try await expect(.conflict) { _ = try await client.replace(.widgets, late) }
      var blind = mine
      blind.resourceVersion = nil
      let unversioned = blind
      let reason = try await failure { _ = try await client.replace(.widgets, unversioned) }
      guard case .invalid = reason else {
        Issue.record("a replace without a version gave \(String(describing: reason))")
        return
      }
    }
  }

  @Test(arguments: Backend.available)
  func `built-in kinds may be written over blindly`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      let client = cluster.client
      let map = KubernetesObject(.configMaps, cluster.key("a"), content: ["data": ["k": "1"]])
      let made = try await client.create(.configMaps, map)
      #expect(made.generation == 0)
      var changed = map
      changed.set("2", at: ["data", "k"])
      #expect(try await client.replace(.configMaps, changed).json["data"]?["k"] == "2")
      let noStatus = try await failure {
        _ = try await client.patch(
          .configMaps, map.key, .merge(["status": [:]]), subresource: .status)
      }
      #expect(noStatus == .notFound)
    }
  }

  @Test(arguments: Backend.available)
  func `discovery tells what is served`(backend: Backend) async throws {
    try await TestCluster.with(backend) { cluster in
      #expect(try await cluster.client.serves(.widgets))
      #expect(try await cluster.client.serves(.leases))
      let names = try await cluster.client.resources(of: "morphling.test/v1").map(\.name)
      #expect(Set(names) == ["widgets", "widgets/status"])
      #expect(try await cluster.client.resources(of: "no.such/v1").isEmpty)
    }
  }
}
