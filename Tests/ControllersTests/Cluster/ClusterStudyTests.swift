import BayesianOptimization
import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// What is known of an experiment from its objects alone.
@Suite struct ClusterStudyTests {
  @Test func `the study is the daemon's, with its recommendation`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let experiment = try await cluster.run()
    let study = try await study(cluster)
    guard case .recommended(let recommendation) = StudyModel(study.study).conclusion() else {
      Issue.record("nothing is recommended")
      return
    }
    let status = experiment.status?["recommendation"]
    #expect(status?["summary"]?.string == recommendation.configuration.description)
    #expect(status?["evidence"]?["trial"]?.integer == recommendation.trialOrdinal)
    #expect(study.stopReason?.rawValue == status?["evidence"]?["stopReason"]?.string)
    #expect(study.study.trials.count == cluster.trials.count)
    #expect(study.study.trials.allSatisfy { $0.duration ?? .zero > .zero })
    #expect(study.duration > .zero)
    #expect(study.startedAt != nil)
  }

  @Test func `a patch is of what an author would have written`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let document = try await study(cluster).definition.target?.document
    #expect(document?["metadata"]?.object?.keys == ["name", "namespace"])
    #expect(document?["status"] == nil)
  }

  @Test func `what the owner allows is what is written`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install(settings: ["min-allowed": "cpu=1500m"])
    let experiment = try await cluster.run()
    let target = try #require(experiment.status?["recommendation"]?["target"]?["cpu"]?.string)
    let uncapped = experiment.status?["recommendation"]?["uncappedTarget"]?["cpu"]?.string
    try #require(target != uncapped, "the bound cuts nothing")
    let study = try await study(cluster)
    guard case .recommended(let recommendation) = StudyModel(study.study).conclusion() else {
      Issue.record("nothing is recommended")
      return
    }
    let allowed = study.allowed(recommendation.configuration)
    #expect(allowed["cpu"]?.text == target)
    #expect(allowed["THREADS"] == recommendation.configuration["THREADS"])
  }

  @Test func `trials of an earlier experiment of that name don't count`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run(rounds: 3) { _ in false }
    var stranger = try #require(cluster.trials.first)
    stranger.name = "embedder-99"
    stranger.resourceVersion = nil
    stranger.setMetadata("uid", nil)
    stranger.setMetadata("ownerReferences", nil)
    _ = try await cluster.client.create(.trials, stranger)
    let ordinals = try await study(cluster).trials.map(\.object.name)
    #expect(!ordinals.isEmpty)
    #expect(!ordinals.contains("embedder-99"))
  }

  @Test func `a trial that doesn't fit any more is noted and doesn't count`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run()
    let all = try await study(cluster).trials.count
    let patch: JSONValue = [
      "spec": [
        "tunableParameters": [
          [
            "category": "resource",
            "parameters": [
              [
                "name": "cpu", "parameterType": "discrete",
                "feasibleSpace": ["list": ["1", "2", "4"]],
              ]
            ],
          ]
        ]
      ]
    ]
    _ = try await cluster.client.patch(
      .profilingExperiments, SimulatedCluster.key, .merge(patch))
    let study = try await study(cluster)
    #expect(study.trials.isEmpty)
    #expect(study.notes.count { $0.contains("doesn't fit") } == all)
  }

  @Test func `an Inference that has gone is named`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.client.delete(.inferences, SimulatedCluster.key)
    let error = await #expect(throws: ClusterCommandError.self) { _ = try await study(cluster) }
    #expect(error?.description.hasPrefix("Inference shop/embedder: not in the cluster") == true)
  }

  @Test(arguments: [
    (nil, false), ((Condition.Status.unknown, "RollingOut"), false), ((.yes, "RolledOut"), true),
    ((.no, "RolledBack"), true), ((.unknown, "Conflict"), false),
  ])
  func `what is to be applied is settled when it has reached the pods, or can't`(
    applied: (status: Condition.Status, reason: String)?, isSettled: Bool
  ) async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    var experiment = try await cluster.run()
    experiment.annotations[ClusterNames.mode] = "Apply"
    let inference = try #require(cluster.server.objects(.inferences).first)
    // Whatever a daemon has written there by itself.
    experiment.conditions.removeAll { $0.type == "Applied" }
    if let applied {
      experiment.conditions.set(
        Condition(
          "Applied", applied.status, reason: applied.reason, message: "m",
          observedGeneration: experiment.generation, at: cluster.now))
    }
    let snapshot = ExperimentSnapshot(experiment: experiment, inference: inference, trials: [])
    #expect(snapshot.isSettled == isSettled)
    let notes = try ClusterStudy(snapshot).notes
    #expect(notes.contains { $0.hasSuffix(": m") } == (applied != nil))
  }

  private func study(_ cluster: SimulatedCluster) async throws -> ClusterStudy {
    try ClusterStudy(try await .read(SimulatedCluster.key, from: cluster.client))
  }
}
