import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// What is tuned by itself, and what isn't.
@Suite struct InferenceControllerTests {
  @Test func `a new Inference is tuned without anything else being written`() async throws {
    let shop = try await TunedShop()
    let inference = try await shop.apply()
    try await shop.settle()
    #expect(shop.experiments.map(\.name) == ["embedder-main"])
    let experiment = try shop.experiment("embedder-main")
    #expect(experiment.isOwned(by: inference))
    #expect(experiment.status?["phase"] == "Succeeded")
    #expect(experiment.status?["recommendation"]?["target"]?["cpu"] != nil)
    #expect(experiment.annotations[ClusterNames.mode] == "Propose")
    #expect(shop.cluster.leftovers.isEmpty)
    let told = shop.cluster.notices.filter { $0.subject.kind == "Inference" }
    #expect(told.map(\.reason) == ["TuningStarted", "TuningEnded", "RecommendationProposed"])
    #expect(told.allSatisfy { $0.subject.uid == inference.uid && $0.experiment == "embedder-main" })
    #expect(told.first?.message.contains("at most 4 trials of 24 configurations") == true)
  }

  @Test func `each predictor has an experiment, and those of the setting alone`() async throws {
    let both = try await TunedShop()
    try await both.apply(TunedShop.withCanary)
    try await both.steps(4)
    #expect(both.experiments.map(\.name) == ["embedder-canary", "embedder-main"])
    let one = try await TunedShop()
    try await one.apply(annotations: ["predictors": "canary"], TunedShop.withCanary)
    try await one.steps(4)
    #expect(one.experiments.map(\.name) == ["embedder-canary"])
  }

  @Test func `an Inference that was there before the daemon is left alone until it asks`()
    async throws
  {
    let shop = try await TunedShop(isInstalled: false)
    try await shop.apply()
    shop.cluster.pass(.seconds(60))
    try await shop.lead()
    try await shop.steps(10)
    #expect(shop.experiments.isEmpty && shop.cluster.notices.isEmpty)
    #expect(try await shop.inference.annotations.isEmpty)
    try await shop.change { $0.replacing("server:1", with: "server:2") }
    try await shop.steps(3)
    #expect(shop.experiments.isEmpty)
    try await shop.annotate(["tuning": "on"])
    try await shop.steps(3)
    #expect(shop.experiments.count == 1)
    // Once it was taken up it stays so.
    try await shop.annotate(["tuning": nil])
    try await shop.change { $0.replacing("server:1", with: "server:3") }
    try await shop.steps(3)
    #expect(shop.experiments.map(\.name) == ["embedder-main", "embedder-main-g2"])
  }

  @Test func `one that came while no daemon ran is new, whenever a daemon starts`() async throws {
    let shop = try await TunedShop()
    shop.cluster.pass(.seconds(86_400))
    try await shop.apply()
    shop.cluster.pass(.seconds(86_400))
    try await shop.steps(2)
    #expect(shop.experiments.count == 1)
  }

  @Test func `as long as nobody has led, nothing is known to be new`() async throws {
    let shop = try await TunedShop(isInstalled: false)
    try await shop.apply()
    shop.cluster.pass(.seconds(60))
    await #expect(throws: (any Error).self) { try await shop.reconcile() }
    #expect(shop.experiments.isEmpty)
  }

  @Test func `off is off, for the cluster and for one Inference`() async throws {
    let cluster = try await TunedShop(settings: ["tuning": "off"])
    try await cluster.apply()
    try await cluster.steps(4)
    #expect(cluster.experiments.isEmpty)
    let one = try await TunedShop()
    try await one.apply(annotations: ["tuning": "off"])
    try await one.steps(4)
    #expect(one.experiments.isEmpty && one.cluster.notices.isEmpty)
  }

  @Test func `switched off it stops, and switched on again it goes on`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.stepUntilTrialRuns()
    try await shop.annotate(["tuning": "off"])
    try await shop.steps(3)
    #expect(shop.cluster.leftovers.isEmpty)
    let stopped = try shop.experiment("embedder-main")
    #expect(stopped.conditions["Progressing"]?.reason == "ExperimentCancelled")
    let trials = shop.cluster.trials.count
    try await shop.annotate(["tuning": "on"])
    try await shop.settle()
    #expect(try shop.experiment("embedder-main").status?["phase"] == "Succeeded")
    #expect(shop.cluster.trials.count >= trials && shop.experiments.count == 1)
    #expect(shop.reasons.contains("TuningStopped") && shop.reasons.contains("TuningResumed"))
  }

  @Test func `what a user canceled stays canceled`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.steps(6)
    let key = try shop.experiment("embedder-main").key
    _ = try await Cancellation(shop.client).request(key, at: shop.cluster.now)
    try await shop.steps(6)
    let experiment = try shop.experiment("embedder-main")
    #expect(experiment.conditions["Progressing"]?.reason == "ExperimentCancelled")
    #expect(shop.experiments.count == 1 && shop.cluster.leftovers.isEmpty)
  }

  @Test func `an experiment that is applied along with its Inference takes the place of ours`()
    async throws
  {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.reconcile()
    #expect(shop.experiments.isEmpty, "it looks twice before it makes one")
    _ = try await shop.client.create(
      .profilingExperiments, SimulatedCluster.object(SimulatedCluster.experiment))
    try await shop.settle()
    #expect(shop.experiments.map(\.name) == ["embedder"])
    #expect(shop.experiments.first?.status?["phase"] == "Succeeded")
  }

  @Test func `an experiment that comes later stops ours, which goes on after it`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.steps(6)
    _ = try await shop.client.create(
      .profilingExperiments, SimulatedCluster.object(SimulatedCluster.experiment))
    try await shop.steps(3)
    let ours = try shop.experiment("embedder-main")
    #expect(ours.annotations[ClusterNames.cancel]?.contains("experiment embedder") == true)
    #expect(ours.conditions["Progressing"]?.reason == "ExperimentCancelled")
    try await shop.settle()
    for _ in 0..<200 where try !shop.experiment("embedder-main").isOver { try await shop.step() }
    #expect(try shop.experiment("embedder").status?["phase"] == "Succeeded")
    try await shop.settle()
    #expect(try shop.experiment("embedder-main").status?["phase"] == "Succeeded")
  }

  @Test func `the quota holds over all experiments`() async throws {
    let shop = try await TunedShop(settings: ["quota": "trials=1"])
    try await shop.apply(TunedShop.withCanary)
    var most = 0
    for _ in 0..<400 {
      try await shop.step()
      most = max(most, shop.server.objects(.deployments).count)
      if shop.experiments.count == 2, shop.experiments.allSatisfy(\.isOver) { break }
    }
    #expect(shop.experiments.map { $0.status?["phase"] } == ["Succeeded", "Succeeded"])
    #expect(most == 1)
    let waits = shop.cluster.notices.filter { $0.reason == "TrialWaits" }
    #expect(waits.first?.message.contains("1 trials at a time") == true)
    // Once for each trial that waits, however long.
    #expect(Set(waits.map(\.trial)).count == waits.count)
  }

  @Test func `deleting the Inference in the midst of a trial deletes everything of it`()
    async throws
  {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.stepUntilTrialRuns()
    try await shop.client.delete(.inferences, TunedShop.key)
    try await shop.steps(3)
    #expect(shop.experiments.isEmpty && shop.cluster.trials.isEmpty)
    #expect(shop.cluster.leftovers.isEmpty)
    #expect(try await shop.reconcile() == .never)
  }
}
