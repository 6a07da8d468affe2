import Controllers
import CustomResources
import Kubernetes
import Simulation
import Synchronization
import Testing
import Tuning

/// Others who write at the same time, daemons that die, and API servers that fail.
@Suite struct WriteBackConflictTests {
  /// Lets a round die at each of its calls, before it was performed and after.
  @Test(arguments: [false, true], [true, false])
  func `at whatever call it dies, it ends as it would have`(
    afterPerforming: Bool, getsReady: Bool
  ) async throws {
    func end(failingAt index: Int?) async throws -> (values: [String], old: [String], calls: Int) {
      let shop = try await RecommendedShop { threads in getsReady || threads == 1 }
      shop.server.forgetCalls()
      let count = Atomic(0)
      if let index {
        shop.server.fail(with: .serverError(500), afterPerforming: afterPerforming) { call in
          call.kind != .pods && count.add(1, ordering: .relaxed).oldValue == index
        }
      }
      try await shop.pass(rounds: 5)
      shop.cluster.pass(.seconds(121))
      try await shop.pass(rounds: 6)
      let values = [
        try shop.values(), try shop.deployedValues(), try shop.applied?.reason ?? "none",
        try shop.record()?.state.rawValue ?? "none",
      ]
      let changes = try shop.record()?.changes.map(\.description) ?? []
      return (values, changes, shop.server.calls.filter { $0.kind != .pods }.count)
    }
    let reference = try await end(failingAt: nil)
    #expect(reference.values[2] == (getsReady ? "RolledOut" : "RolledBack"))
    #expect(reference.old.contains("env.THREADS 1 → 3"))
    for index in 0..<reference.calls {
      let (values, old, _) = try await end(failingAt: index)
      #expect(values == reference.values, "call \(index)")
      #expect(old == reference.old, "call \(index)")
    }
  }

  /// A client before whose patches of a kind somebody else's change is made, once.
  private static func disturbed(
    _ client: Client, before kind: ResourceKind,
    by change: @escaping @Sendable (Client) async throws -> Void
  ) -> Client {
    let isDone = Atomic(false)
    let box = Box(isDone: isDone)
    var result = client
    result.patchObject = { patched, key, patch, subresource, manager in
      if patched == kind, subresource == nil, !box.isDone.exchange(true, ordering: .relaxed) {
        try await change(client)
      }
      return try await client.patchObject(patched, key, patch, subresource, manager)
    }
    return result
  }

  private final class Box: Sendable {
    let isDone: Atomic<Bool>
    init(isDone: consuming Atomic<Bool>) { self.isDone = isDone }
  }

  private static func edit(
    _ client: Client, _ edit: @Sendable (String) -> String
  ) async throws {
    var inference = try await client.get(.inferences, SimulatedCluster.key)
    let text = JSONText.encode(inference.spec ?? [:])
    inference.spec = try JSONReader.decode(edit(text))
    _ = try await client.replace(.inferences, inference)
  }

  @Test func `a value changed at the last moment is what a rollback restores`() async throws {
    let shop = try await RecommendedShop()
    let client = Self.disturbed(shop.client, before: .inferences) {
      try await Self.edit($0) { $0.replacing("\"1Gi\"", with: "\"2Gi\"") }
    }
    try await shop.pass(rounds: 1, client: client)
    #expect(try shop.applied?.reason == "Conflict")
    #expect(try shop.values() == "cpu=2/- memory=2Gi/- THREADS=1")
    try await shop.pass(rounds: 5)
    #expect(try shop.values() == RecommendedShop.new)
    #expect(
      try shop.record()?.changes.map(\.description)
        .contains("resources.limits.memory 2Gi → 512Mi") == true)
  }

  @Test func `an annotation that comes at the last moment stays`() async throws {
    let shop = try await RecommendedShop()
    let client = Self.disturbed(shop.client, before: .inferences) { client in
      _ = try await client.patch(.inferences, SimulatedCluster.key, .annotation("note", "mine"))
    }
    try await shop.pass(rounds: 6, client: client)
    #expect(try shop.inference.annotations["note"] == "mine")
    #expect(try shop.values() == RecommendedShop.new)
  }

  @Test func `predictors and containers in another order are found by their names`() async throws {
    let shop = try await RecommendedShop()
    let experiment: JSONValue = ["spec": ["targetRef": ["predictor": "main"]]]
    _ = try await shop.client.patch(
      .profilingExperiments, SimulatedCluster.key, .merge(experiment))
    try await shop.conclude()
    let client = Self.disturbed(shop.client, before: .inferences) { client in
      var inference = try await client.get(.inferences, SimulatedCluster.key)
      let main = inference.spec?["predictors"]?.array?.first ?? [:]
      let sidecar: JSONValue = ["name": "proxy", "image": "proxy:1"]
      let text = JSONText.encode(main)
        .replacing("\"containers\":[", with: "\"containers\":[\(JSONText.encode(sidecar)),")
      let canary: JSONValue = [
        "name": "canary",
        "template": ["spec": ["containers": [["name": "predictor", "image": "server:1"]]]],
      ]
      inference.set(.array([canary, try JSONReader.decode(text)]), at: ["spec", "predictors"])
      _ = try await client.replace(.inferences, inference)
    }
    try await shop.pass(rounds: 6, client: client)
    #expect(try shop.values() == RecommendedShop.new)
    #expect(try shop.values("canary") == "cpu=-/- memory=-/- THREADS=-")
    #expect(try shop.applied?.reason == "RolledOut")
  }

  @Test(arguments: [
    ("\"name\":\"predictor\"", "\"name\":\"server\"", "no container predictor"),
    ("\"name\":\"main\"", "\"name\":\"other\"", "a predictor main any more"),
  ])
  func `a container or predictor that is gone ends it with the name`(
    part: String, other: String, message: String
  ) async throws {
    let shop = try await RecommendedShop()
    try await Self.edit(shop.client) { $0.replacing(part, with: other) }
    try await shop.pass()
    #expect(try shop.applied?.reason == "TargetChanged")
    let said = try shop.applied?.message ?? ""
    #expect(said.contains(message), "\(said)")
    #expect(try shop.inference.annotations.isEmpty)
  }

  @Test func `a Deployment of that name that isn't the Inference's is no reason to begin`()
    async throws
  {
    let shop = try await RecommendedShop(isMadeByKubeDL: false)
    let foreign = KubernetesObject(
      .deployments, ObjectKey(namespace: "shop", name: "embedder-main"),
      content: ["spec": ["replicas": 7, "selector": ["matchLabels": ["a": "b"]]]])
    _ = try await shop.client.create(.deployments, foreign)
    try await shop.pass()
    #expect(try shop.applied?.reason == "NameTaken")
    #expect(try shop.values() == RecommendedShop.old && shop.inference.annotations.isEmpty)
  }

  @Test func `an edit after it was written counts`() async throws {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 6)
    try await Self.edit(shop.client) {
      $0.replacing("\"cpu\":\"1\"", with: "\"cpu\":\"3\"")
    }
    try await shop.pass()
    #expect(try shop.values() == "cpu=3/3 memory=512Mi/512Mi THREADS=3")
    #expect(try shop.applied?.reason == "ChangedSince")
    #expect(try shop.applied?.message.contains("resources.limits.cpu is 3, not 1") == true)
  }

  @Test func `a Deployment that somebody sets back stays as it is`() async throws {
    let shop = try await RecommendedShop { $0 == 1 }
    try await shop.pass(rounds: 2)
    let edited = JSONText.encode(try shop.deployment().json).replacing("\"3\"", with: "\"2\"")
    var object = KubernetesObject(try JSONReader.decode(edited))
    object.resourceVersion = nil
    _ = try await shop.client.replace(.deployments, object)
    try await shop.pass()
    #expect(try shop.applied?.reason == "DeploymentChanged")
    #expect(try shop.deployedValues() == "cpu=1/1 memory=512Mi/512Mi THREADS=2")
  }

  @Test func `what the API server refuses is said`() async throws {
    let shop = try await RecommendedShop()
    shop.server.fail(with: .invalid([.init(field: "spec.x", message: "bad")])) {
      $0.kind == .inferences && $0.verb == .patch
    }
    try await shop.pass(rounds: 1)
    #expect(try shop.applied?.reason == "Refused")
    #expect(try shop.values() == RecommendedShop.old)
  }

  @Test func `an Inference that is gone is nothing to write to`() async throws {
    let shop = try await RecommendedShop()
    try await shop.client.delete(.inferences, SimulatedCluster.key)
    try await shop.pass()
    #expect(try shop.applied?.reason == "InferenceNotFound")
  }

  @Test(arguments: [1, 6], [true, false])
  func `what another experiment wrote over it stays`(rounds: Int, getsReady: Bool) async throws {
    let shop = try await RecommendedShop { getsReady || $0 != 3 }
    try await shop.pass(rounds: rounds)
    if !getsReady {
      shop.cluster.pass(.seconds(121))
      try await shop.pass(rounds: rounds)
    }
    let text = try #require(try shop.inference.annotations[ClusterNames.previous])
    let uid = try #require(try shop.cluster.experiment.uid)
    _ = try await shop.client.patch(
      .inferences, SimulatedCluster.key,
      .annotation(ClusterNames.previous, text.replacing(uid, with: "another")))
    try await Self.edit(shop.client) {
      $0.replacing("\"THREADS\",\"value\":\"", with: "\"THREADS\",\"value\":\"1")
    }
    let written = try shop.values()
    try await shop.pass(rounds: 6)
    #expect(try shop.values() == written)
    #expect(try shop.record()?.uid == "another")
    #expect(try shop.applied.map(WriteBackStage.isUnderWay) == false)
  }
}
