import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// From a recommendation to the pods that run it.
@Suite struct WriteBackTests {
  @Test func `off leaves everything as it is`() async throws {
    for mode in [nil, "Off"] {
      let shop = try await RecommendedShop(mode: mode)
      try await shop.pass()
      #expect(try shop.values() == RecommendedShop.old)
      #expect(try shop.inference.annotations.isEmpty && shop.applied == nil)
    }
  }

  @Test func `a proposal is annotated with its patch and evidence, and nothing else changes`()
    async throws
  {
    let shop = try await RecommendedShop(mode: "Propose")
    try await shop.pass()
    #expect(try shop.values() == RecommendedShop.old)
    #expect(try shop.deployedValues() == RecommendedShop.oldDeployed)
    #expect(try shop.applied?.reason == "Proposed" && shop.applied?.status == .no)
    let text = try #require(try shop.inference.annotations[ClusterNames.recommendation])
    let proposal = try #require(try JSONReader.decode(text)["main"])
    #expect(proposal["experiment"] == "embedder")
    #expect(proposal["evidence"]?["shareSampled"] == 0.25)
    // As a user would apply it.
    let body = try #require(proposal["patch"])
    #expect(body.array?.first?["op"] == "test" && body.array?.first?["value"] == "main")
    let patch = try patch(body)
    _ = try await shop.client.patch(.inferences, SimulatedCluster.key, .json(patch))
    #expect(try shop.values() == RecommendedShop.new)
  }

  private func patch(_ json: JSONValue) throws -> JSONPatch {
    JSONPatch(
      try (json.array ?? []).map { operation in
        let place = try #require(JSONPointer(text: operation["path"]?.string ?? ""))
        let value = operation["value"] ?? .null
        return switch operation["op"] {
        case "test": .test(place, value)
        case "add": .add(place, value)
        default: .replace(place, value)
        }
      })
  }

  @Test func `an experiment that is deleted stays until its recommendation has arrived`()
    async throws
  {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 1)
    #expect(try shop.cluster.experiment.finalizers == [ClusterNames.rolloutFinalizer])
    try await shop.client.delete(.profilingExperiments, SimulatedCluster.key)
    try await shop.pass()
    #expect(try shop.record()?.state == .rolledOut)
    #expect(shop.server.objects(.profilingExperiments).isEmpty)
    // Without a rollout nothing keeps it.
    let settled = try await RecommendedShop()
    try await settled.pass(rounds: 6)
    #expect(try settled.cluster.experiment.finalizers.isEmpty)
  }

  @Test func `pods that don't get ready are taken back for an experiment that is deleted, too`()
    async throws
  {
    let shop = try await RecommendedShop(getsReady: { $0 < 3 })
    try await shop.pass(rounds: 1)
    try await shop.client.delete(.profilingExperiments, SimulatedCluster.key)
    try await shop.pass(rounds: 200)
    #expect(try shop.record()?.state == .rolledBack)
    #expect(try shop.values() == RecommendedShop.old)
    #expect(shop.server.objects(.profilingExperiments).isEmpty)
  }

  @Test func `without its Inference nothing keeps an experiment`() async throws {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 1)
    try await shop.client.delete(.inferences, SimulatedCluster.key)
    try await shop.client.delete(.profilingExperiments, SimulatedCluster.key)
    try await shop.pass(rounds: 1)
    #expect(shop.server.objects(.profilingExperiments).isEmpty)
  }

  @Test func `what was said once is not written again`() async throws {
    for mode in ["Propose", "Apply"] {
      let shop = try await RecommendedShop(mode: mode)
      try await shop.pass(rounds: 6)
      shop.server.forgetCalls()
      try await shop.pass(rounds: 3)
      let writes = shop.server.calls.filter { ![.get, .list, .logs].contains($0.verb) }
      // What the node does.
      #expect(writes.allSatisfy { [.pods, .deployments].contains($0.kind) }, "\(mode): \(writes)")
    }
  }

  @Test func `an applied recommendation reaches the pods of a Deployment that KubeDL made`()
    async throws
  {
    let shop = try await RecommendedShop()
    let before = try shop.inference
    try await shop.pass(rounds: 1)
    #expect(try shop.values() == RecommendedShop.new)
    #expect(try shop.deployedValues() == RecommendedShop.new)
    #expect(try shop.applied?.reason == "RollingOut" && shop.applied?.status == .unknown)
    #expect(try shop.cluster.experiment.status?["rollout"]?["deployment"] == "embedder-main")
    try await shop.pass()
    #expect(try shop.applied?.reason == "RolledOut" && shop.applied?.status == .yes)
    #expect(try shop.cluster.experiment.status?["rollout"]?["availableReplicas"] == 1)
    #expect(try shop.record()?.state == .rolledOut)
    let reasons = shop.cluster.notices.map(\.reason)
    #expect(reasons.filter { $0 == "RecommendationRolledOut" }.count == 2)
    // Nothing that would look like another service: image, command, framework stay.
    let after = try shop.inference
    let kept = { (object: KubernetesObject) -> [JSONValue?] in
      let predictor = object.spec?["predictors"]?.array?.first
      let container = predictor?["template"]?["spec"]?["containers"]?.array?.first
      return [
        object.spec?["framework"], predictor?["modelVersion"], container?["image"],
        container?["command"], container?["args"], container?["ports"],
      ]
    }
    #expect(kept(after) == kept(before))
  }

  @Test func `a Deployment that the daemon serves follows its Inference`() async throws {
    let shop = try await RecommendedShop(isMadeByKubeDL: false)
    _ = try await ServingController(shop.cluster.context).reconcile(SimulatedCluster.key)
    for _ in 0..<2 { try await shop.cluster.node.advance() }
    try await shop.pass(rounds: 1)
    #expect(try shop.values() == RecommendedShop.new)
    #expect(try shop.applied?.message.contains("hasn't changed it yet") == true)
    try await shop.pass(serving: true)
    #expect(try shop.deployedValues() == RecommendedShop.new)
    #expect(try shop.applied?.reason == "RolledOut")
    #expect(try WriteBackRecord.all(of: shop.deployment()).isEmpty)
  }

  @Test func `without a Deployment the Inference is written, and that is said`() async throws {
    let shop = try await RecommendedShop(isMadeByKubeDL: false)
    try await shop.pass()
    #expect(try shop.applied?.reason == "RollingOut")
    try await shop.pass(rounds: 12)
    #expect(try shop.applied?.reason == "NoDeployment" && shop.applied?.status == .yes)
    #expect(try shop.values() == RecommendedShop.new)
  }

  @Test func `pods that don't get ready bring the old values back for good`() async throws {
    let shop = try await RecommendedShop { $0 == 1 }
    try await shop.pass()
    #expect(try shop.applied?.message.contains("its readiness probe doesn't succeed") == true)
    // Twice the 60 seconds that a candidate may take: one pod after another, and some more.
    shop.cluster.pass(.seconds(121))
    try await shop.pass(rounds: 1)
    #expect(try shop.values() == RecommendedShop.old)
    #expect(try shop.deployedValues() == RecommendedShop.oldDeployed)
    #expect(try shop.applied?.reason == "RollingBack")
    try await shop.pass(rounds: 10)
    #expect(try shop.values() == RecommendedShop.old)
    #expect(try shop.applied?.reason == "RolledBack" && shop.applied?.status == .no)
    #expect(try shop.applied?.message.contains("readiness probe") == true)
    #expect(try shop.record()?.state == .rolledBack)
    #expect(try WriteBackRecord.all(of: shop.deployment()).isEmpty)
    let warning = shop.cluster.notices.last { $0.reason == "RecommendationRolledBack" }
    #expect(warning?.severity == .warning)
  }

  @Test func `old pods that don't get ready either are reported`() async throws {
    let shop = try await RecommendedShop { _ in false }
    try await shop.pass()
    shop.cluster.pass(.seconds(121))
    try await shop.pass()
    #expect(try shop.applied?.reason == "RollingBack")
    shop.cluster.pass(.seconds(121))
    try await shop.pass()
    #expect(try shop.applied?.reason == "RollbackNotReady")
    #expect(try shop.deployedValues() == RecommendedShop.oldDeployed)
  }

  @Test func `a recommendation that runs already changes nothing`() async throws {
    let same = SimulatedCluster.inference.replacing("value: \"1\"", with: "value: \"3\"")
      .replacing(
        "limits: {cpu: \"2\", memory: 1Gi}",
        with: "{limits: {cpu: 1000m, memory: 524288Ki}, requests: {cpu: 1, memory: 512Mi}}")
    let shop = try await RecommendedShop(inference: same)
    let before = try shop.inference
    try await shop.pass()
    #expect(try shop.applied?.reason == "NothingToChange" && shop.applied?.status == .yes)
    #expect(try shop.inference == before)
  }

  @Test func `a mode that is none is named`() async throws {
    let shop = try await RecommendedShop(mode: "Aply")
    try await shop.pass()
    #expect(try shop.applied?.reason == "InvalidMode")
    #expect(try shop.applied?.message.contains("\"Aply\"; one of Off, Propose and Apply") == true)
    // Mended, it goes on; a proposal is accepted in the same way.
    for (mode, reason) in [("Propose", "Proposed"), ("apply", "RolledOut")] {
      _ = try await shop.client.patch(
        .profilingExperiments, SimulatedCluster.key, .annotation(ClusterNames.mode, mode))
      try await shop.pass()
      #expect(try shop.applied?.reason == reason)
    }
    #expect(try shop.inference.annotations[ClusterNames.recommendation] == nil)
  }

  @Test func `another recommendation of the same experiment is written over the first`()
    async throws
  {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 6)
    _ = try await shop.client.patch(
      .profilingExperiments, SimulatedCluster.key, .merge(["spec": ["maxNumTrials": 9]]))
    try await shop.conclude()
    let next: JSONValue = ["status": ["recommendation": ["target": ["cpu": "4"]]]]
    _ = try await shop.client.patch(
      .profilingExperiments, SimulatedCluster.key, .merge(next), subresource: .status)
    try await shop.pass(rounds: 6)
    #expect(try shop.values() == "cpu=4/4 memory=512Mi/512Mi THREADS=3")
    #expect(try shop.deployedValues() == "cpu=4/4 memory=512Mi/512Mi THREADS=3")
    #expect(
      try shop.record()?.changes.map(\.description).contains("resources.limits.cpu 1 → 4") == true)
  }

  @Test func `who waits for it ends when it has reached the pods`() async throws {
    let shop = try await RecommendedShop()
    @Sendable func isSettled() async throws -> Bool {
      try await ExperimentSnapshot.read(SimulatedCluster.key, from: shop.client).isSettled
    }
    #expect(try await !isSettled())
    try await shop.pass(rounds: 1)
    #expect(try await !isSettled())
    try await shop.pass()
    #expect(try await isSettled())
    let snapshot = try await ExperimentSnapshot.read(SimulatedCluster.key, from: shop.client)
    #expect(snapshot.applyFailure == nil)
    // The report says what changed, though it stands in the Inference by now.
    let writer = try #require(try ClusterStudy(snapshot).definition.writer)
    #expect(writer.target.container.limit("cpu") == "2")
    #expect(writer.target.metadata.annotations.isEmpty)
  }
}
