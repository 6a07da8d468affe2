import Controllers
import CustomResources
import Foundation
import Kubernetes
import Simulation
import Testing
import Tuning

/// When an Inference that was tuned is tuned again.
@Suite struct RetuningTests {
  typealias Change = @Sendable (String) -> String

  private static func replacing(_ part: String, _ other: String) -> Change {
    { $0.replacing(part, with: other) }
  }

  @Test(arguments: [
    (replacing("server:1", "server:2"), "image server:1 → server:2"),
    (replacing("framework: Triton", "framework: TFServing"), "framework Triton → TFServing"),
    (
      replacing("- name: main", "- name: main\n      modelVersion: mv-2"),
      "modelVersion none → mv-2"
    ),
    (
      replacing("image: server:1", "image: server:1\n              command: [serve, --fast]"),
      "command none → serve --fast"
    ),
  ])
  func `another image, model version, command or framework is tuned anew`(
    change: Change, told: String
  ) async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.settle()
    let first = try shop.experiment("embedder-main")
    try await shop.change(change)
    try await shop.steps(3)
    #expect(shop.experiments.map(\.name) == ["embedder-main", "embedder-main-g2"])
    let second = try shop.experiment("embedder-main-g2")
    #expect(second.annotations[ClusterNames.earlier] == "embedder-main")
    let notice = shop.cluster.notices.first { $0.reason == "TuningAgain" }
    #expect(notice?.message.contains(told) == true, "\(notice?.message ?? "")")
    // What the first one found stays.
    let kept = try shop.experiment("embedder-main").status
    #expect(kept?["phase"] == "Succeeded")
    #expect(kept?["recommendation"] == first.status?["recommendation"])
  }

  @Test(
    arguments: [
      replacing("- name: main", "- name: main\n      replicas: 5"),
      replacing("metadata: {name: embedder", "metadata: {labels: {team: search}, name: embedder"),
      replacing("template:", "template:\n        metadata: {labels: {team: search}}"),
      // What is written back.
      replacing("cpu: \"2\", memory: 1Gi", "cpu: \"4\", memory: 512Mi"),
      replacing("value: \"1\"", "value: \"3\""),
      replacing("image: server:1", "image: server:1\n              args: [--threads=3]"),
      replacing("- name: main", "- name: main\n      batching: {batchSize: 16}"),
    ] as [Change])
  func `a change of scale, of labels, or of what is recommended, is not`(
    change: Change
  ) async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.settle()
    let before = try await shop.inference.spec
    try await shop.change(change)
    #expect(
      try await shop.inference.spec != before || change(SimulatedCluster.inference).contains("team")
    )
    try await shop.steps(5)
    #expect(shop.experiments.map(\.name) == ["embedder-main"])
  }

  @Test func `what was best before is tried right after the baseline`() async throws {
    let shop = try await TunedShop(settings: ["budget": "6"])
    try await shop.apply()
    try await shop.settle()
    let best = try #require(
      try shop.experiment("embedder-main").status?["currentOptimalTrial"]?["name"]?.string)
    try await shop.change { $0.replacing("server:1", with: "server:2") }
    try await shop.steps(3)
    try await shop.settle()
    func configuration(_ name: String) throws -> String? {
      try #require(shop.server.objects(.trials).first { $0.name == name })
        .spec?["configuration"]?.string
    }
    #expect(best != "embedder-main-0")
    #expect(try configuration("embedder-main-g2-1") == configuration(best))
    #expect(
      try configuration("embedder-main-g2-2") != configuration("embedder-main-g2-1"))
  }

  @Test func `what was measured before is learned from, by the daemon and the report alike`()
    async throws
  {
    let shop = try await TunedShop(settings: ["budget": "6"])
    try await shop.apply()
    try await shop.settle()
    try await shop.change { $0.replacing("server:1", with: "server:2") }
    try await shop.steps(3)
    try await shop.settle()
    func snapshot(_ name: String) async throws -> ExperimentSnapshot {
      try await .read(ObjectKey(namespace: "shop", name: name), from: shop.cluster.client)
    }
    let snapshots = [
      try await snapshot("embedder-main"), try await snapshot("embedder-main-g2"),
    ]
    #expect(snapshots[0].earlier.isEmpty)
    #expect(snapshots[1].earlier.map(\.experiment.name) == ["embedder-main"])
    let first = try ClusterStudy(snapshots[0])
    let second = try ClusterStudy(snapshots[1])
    #expect(first.informedStudy.earlier.isEmpty)
    let taught = try #require(second.informedStudy.earlier.first)
    // The best of the first search is among what it teaches to expect most of.
    let best = try #require(first.study.incumbent)
    let cell = try #require(second.study.space.index(of: best.configuration))
    let expected = try #require(taught.logMetrics[.throughput])
    #expect(expected.count == second.study.space.count)
    let measured = try #require(best.measurement?[.throughput])
    #expect(abs(expected[cell] - log(measured)) < 0.3)
  }

  @Test func `another service of the namespace begins with what was measured of the first`()
    async throws
  {
    let shop = try await TunedShop(settings: ["budget": "6"])
    try await shop.apply()
    try await shop.settle()
    let other = ObjectKey(namespace: "shop", name: "reranker")
    var inference = SimulatedCluster.object(SimulatedCluster.inference)
    inference.name = other.name
    _ = try await shop.client.create(.inferences, inference)
    try await shop.steps(3)
    try await shop.settle()
    let experiment = try shop.experiment("reranker-main")
    #expect(experiment.annotations[ClusterNames.neighbours] == "embedder-main")
    #expect(experiment.annotations[ClusterNames.earlier] == nil)
    #expect(experiment.status?["phase"] == "Succeeded")
    let study = try ClusterStudy(
      try await .read(ObjectKey(namespace: "shop", name: "reranker-main"), from: shop.client))
    #expect(study.informedStudy.earlier.count == 1)
    // What was best of another service is not tried for that alone.
    #expect(try shop.experiment("embedder-main").annotations[ClusterNames.neighbours] == nil)
  }

  @Test func `in the midst of a search, the old one ends and leaves nothing`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.stepUntilTrialRuns()
    try await shop.change { $0.replacing("server:1", with: "server:2") }
    try await shop.step()
    let old = try shop.experiment("embedder-main")
    #expect(old.conditions["Progressing"]?.reason == "ExperimentSuperseded")
    #expect(old.conditions["Progressing"]?.message.contains("server:1 → server:2") == true)
    #expect(old.status?["trialsRunning"] == 0 && old.status?["trialsPending"] == 1)
    #expect(
      !shop.cluster.trials.contains {
        $0.name == "embedder-main-0"
          && $0.status?["phase"] == "Running"
      })
    try await shop.settle()
    #expect(try shop.experiment("embedder-main-g2").status?["phase"] == "Succeeded")
    #expect(shop.cluster.leftovers.isEmpty)
  }

  @Test func `no trial of an experiment runs what it wasn't made for`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.steps(3)
    try await shop.change { $0.replacing("server:1", with: "server:2") }
    // The experiment's own round comes first, before the Inference's.
    _ = try await ExperimentController(shop.cluster.context)
      .reconcile(ObjectKey(namespace: "shop", name: "embedder-main"))
    let images = shop.server.objects(.deployments).map {
      $0.spec?["template"]?["spec"]?["containers"]?.array?.first?["image"]?.string
    }
    #expect(!images.contains("server:2"))
  }

  @Test func `of a predictor that is gone the experiment ends`() async throws {
    let shop = try await TunedShop()
    try await shop.apply(TunedShop.withCanary)
    try await shop.steps(5)
    try await shop.change { $0 }
    try await shop.steps(3)
    let canary = try shop.experiment("embedder-canary")
    #expect(canary.conditions["Progressing"]?.reason == "ExperimentSuperseded")
    #expect(canary.conditions["Progressing"]?.message.contains("no predictor canary") == true)
    try await shop.settle()
    #expect(try shop.experiment("embedder-main").status?["phase"] == "Succeeded")
  }

  @Test func `the last five of a predictor are kept`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.settle()
    for version in 2...7 {
      try await shop.change { $0.replacing("server:1", with: "server:\(version)") }
      try await shop.settle()
    }
    #expect(shop.experiments.map(\.name) == (3...7).map { "embedder-main-g\($0)" })
    #expect(shop.reasons.filter { $0 == "ExperimentForgotten" }.count == 2)
  }

  @Test func `a mode that changes is passed on`() async throws {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.settle()
    try await shop.annotate(["mode": "Apply"])
    try await shop.steps(2)
    #expect(try shop.experiment("embedder-main").annotations[ClusterNames.mode] == "Apply")
    #expect(shop.experiments.count == 1)
  }

  @Test func `a mode that somebody gives an experiment stays until the settings change`()
    async throws
  {
    let shop = try await TunedShop()
    try await shop.apply()
    try await shop.settle()
    let key = try shop.experiment("embedder-main").key
    func mode() throws -> String? {
      try shop.experiment("embedder-main").annotations[ClusterNames.mode]
    }
    _ = try await shop.client.patch(
      .profilingExperiments, key, .annotation(ClusterNames.mode, "Off"))
    try await shop.steps(3)
    #expect(try mode() == "Off")
    try await shop.annotate(["mode": "Apply"])
    try await shop.steps(2)
    #expect(try mode() == "Apply")
  }

  @Test func `an image that comes back is tuned anew, and only the newest is written back`()
    async throws
  {
    let shop = try await TunedShop(settings: ["mode": "Apply"])
    try await shop.apply()
    try await shop.settle()
    for image in ["server:2", "server:1"] {
      var predictors = try await shop.inference.spec?["predictors"] ?? []
      let text = JSONText.encode(predictors).replacing("server:1", with: "server:0")
        .replacing("server:2", with: "server:0").replacing("server:0", with: image)
      predictors = try JSONReader.decode(text)
      var changed = try await shop.inference
      changed.set(predictors, at: ["spec", "predictors"])
      _ = try await shop.client.replace(.inferences, changed)
      try await shop.steps(4)
      try await shop.settle()
    }
    try await shop.steps(20)
    let modes = shop.experiments.map { $0.annotations[ClusterNames.mode] }
    #expect(shop.experiments.map(\.name).count == 3 && modes == ["Off", "Off", "Apply"])
    let before = try await shop.inference
    try await shop.steps(20)
    #expect(try await shop.inference == before, "they write over each other")
  }

  @Test func `what somebody writes after an apply is not written over`() async throws {
    let shop = try await TunedShop(settings: ["mode": "Apply"])
    try await shop.apply()
    try await shop.settle()
    try await shop.steps(30)
    let predictors = JSONText.encode(try await shop.inference.spec?["predictors"] ?? [])
    var changed = try await shop.inference
    let cpu = try #require(predictors.contains("\"cpu\":\"1\"") ? "\"cpu\":\"1\"" : nil)
    changed.set(
      try JSONReader.decode(predictors.replacing(cpu, with: "\"cpu\":\"7\"")),
      at: ["spec", "predictors"])
    _ = try await shop.client.replace(.inferences, changed)
    try await shop.steps(20)
    let after = JSONText.encode(try await shop.inference.spec?["predictors"] ?? [])
    #expect(after.contains("\"cpu\":\"7\""))
    #expect(shop.experiments.count == 1)
  }
}
