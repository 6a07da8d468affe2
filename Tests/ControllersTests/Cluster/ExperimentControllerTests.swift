import Controllers
import CustomResources
import Kubernetes
import Simulation
import StressTest
import Testing
import Tuning

/// An experiment in a cluster from its creation to its end.
@Suite struct ExperimentControllerTests {
  @Test func `it ends with a recommendation, and leaves nothing but its Trials`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let experiment = try await cluster.run()
    #expect(experiment.status?["phase"] == "Succeeded")
    let recommendation = experiment.status?["recommendation"]
    #expect(recommendation?["containerName"] == "predictor")
    // By the formula: 2 cores and 4 threads give 2.8 times 20 requests per second for 0.1.
    #expect(recommendation?["target"]?["cpu"] != nil)
    #expect(recommendation?["evidence"]?["shareSampled"] != nil)
    #expect(cluster.trials.count <= 8 && cluster.trials.count >= 4)
    #expect(cluster.trials.allSatisfy { $0.status?["phase"]?.string != "Running" })
    #expect(cluster.leftovers.isEmpty)
  }

  @Test func `the first trial is what the Inference has today`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run()
    let first = try #require(cluster.trials.first)
    #expect(first.name == "embedder-0")
    #expect(first.spec?["configuration"]?.string?.contains("cpu=2 memory=1Gi THREADS=1") == true)
  }

  @Test func `what runs is the configuration, reached by address, tested by our image`()
    async throws
  {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run(rounds: 100) { _ in !cluster.server.objects(.jobs).isEmpty }
    let job = try #require(cluster.server.objects(.jobs).first)
    let container = try #require(
      job.spec?["template"]?["spec"]?["containers"]?.array?.first.map(Container.init))
    #expect(container.json["image"] == "morphling:test")
    let plan = try #require(container.value(ofVariable: "MORPHLING_STRESS_PLAN"))
    #expect(plan.contains("http://10.96.0.7:8000/"))
    #expect(cluster.trials.first?.status?["phase"] == "Running")
  }

  @Test func `a stress test asks the cluster's Prometheus for the candidate's own pods`()
    async throws
  {
    let cluster = SimulatedCluster()
    try await cluster.install(settings: ["prometheus": "http://prometheus:9090"])
    try await cluster.run(rounds: 100) { _ in !cluster.server.objects(.jobs).isEmpty }
    let job = try #require(cluster.server.objects(.jobs).first)
    let container = try #require(
      job.spec?["template"]?["spec"]?["containers"]?.array?.first.map(Container.init))
    let plan = try StressJob(
      json: try #require(container.value(ofVariable: "MORPHLING_STRESS_PLAN")))
    let source = try #require(plan.usage)
    #expect(source.prometheus == ServerRoot("http://prometheus:9090"))
    #expect(source.namespace == SimulatedCluster.key.namespace)
    let pods = try Regex(source.pods)
    let deployment = try #require(cluster.server.objects(.deployments).first)
    #expect("\(deployment.name)-6d4cf56db6-x7k2p".wholeMatch(of: pods) != nil)
    #expect("embedder-10-6d4cf56db6-x7k2p".wholeMatch(of: pods) == nil)
  }

  @Test func `a configuration that runs out of memory is infeasible, and the search goes on`()
    async throws
  {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run()
    let killed = cluster.trials.filter { $0.status?["phase"] == "Infeasible" }
    #expect(killed.allSatisfy { $0.status?["reason"] == "out of memory" })
    for trial in cluster.trials {
      let text = trial.spec?["configuration"]?.string ?? ""
      let isKilled =
        text.contains("memory=512Mi")
        && (text.contains("THREADS=3") || text.contains("THREADS=4"))
      #expect((trial.status?["phase"] == "Infeasible") == isKilled, "\(text)")
    }
  }

  /// Every way in which a candidate can fail for good.
  @Test(arguments: [
    (SimulatedNode.Behavior.outOfMemory, "out of memory"),
    (.outOfMemoryUnderLoad, "out of memory"), (.crashes(log: "no such model\n"), "exited"),
    (.unschedulable("0/1 nodes are available: 1 Insufficient cpu."), "could not be started"),
    (.neverReady, "never became ready"), (.evicted, "could not be started"),
    (.losesItsTest(reason: "DeadlineExceeded"), "hung under load"),
  ])
  func `a service that can't be run ends as infeasible, with the reason`(
    _ behavior: SimulatedNode.Behavior, _ reason: String
  ) async throws {
    let cluster = SimulatedCluster { _ in behavior }
    try await cluster.install()
    let experiment = try await cluster.run(rounds: 600)
    #expect(experiment.status?["phase"] == "Infeasible")
    #expect(experiment.status?["conditions"]?.array?.isEmpty == false)
    #expect(!cluster.trials.isEmpty)
    for trial in cluster.trials { #expect(trial.status?["reason"]?.string == reason) }
    #expect(cluster.leftovers.isEmpty)
  }

  @Test func `a stress test that fails time and again ends the experiment and blames no candidate`()
    async throws
  {
    let cluster = SimulatedCluster { _ in .losesItsTest(reason: "BackoffLimitExceeded") }
    try await cluster.install()
    let experiment = try await cluster.run(rounds: 600)
    #expect(experiment.status?["phase"] == "Failed")
    let message = experiment.conditions["Progressing"]?.message ?? ""
    #expect(message.contains("tried 3 times: the stress test failed"), "\(message)")
    #expect(cluster.trials.allSatisfy { $0.status?["reason"]?.string == nil })
    #expect(cluster.leftovers.isEmpty)
  }

  @Test func `the last words of a container that died are kept`() async throws {
    let cluster = SimulatedCluster { _ in .crashes(log: "loading\nno such model\n") }
    try await cluster.install()
    try await cluster.run()
    let outcome = cluster.trials.first?.status?["outcome"]
    #expect(JSONText.encode(outcome ?? .null).contains("no such model"))
  }

  @Test func `an image that isn't there ends the experiment, as no other trial could mend it`()
    async throws
  {
    let cluster = SimulatedCluster { _ in .imageMissing(reason: "InvalidImageName") }
    try await cluster.install()
    let experiment = try await cluster.run()
    #expect(experiment.status?["phase"] == "Failed")
    #expect(experiment.conditions["Degraded"]?.reason == "CandidatesImpossible")
    #expect(experiment.conditions["Degraded"]?.message.contains("InvalidImageName") == true)
    #expect(cluster.trials.count == 1 && cluster.leftovers.isEmpty)
  }

  @Test func `a trial that was lost is run again, and its first attempt doesn't count`()
    async throws
  {
    let cluster = SimulatedCluster { deployment in
      deployment.labels[ClusterNames.attemptLabel] == "0"
        ? .evicted : SimulatedCluster.service(deployment)
    }
    try await cluster.install()
    let experiment = try await cluster.run(rounds: 600)
    #expect(experiment.status?["phase"] == "Succeeded")
    #expect(cluster.trials.allSatisfy { $0.spec?["attempt"] == 1 })
    #expect(cluster.notices.contains { $0.reason == "TrialRetried" })
  }

  @Test func `a quota lets trials wait for each other`() async throws {
    let cluster = SimulatedCluster()
    let wide = SimulatedCluster.experiment.replacing("maxNumTrials: 8", with: "parallelism: 3")
    try await cluster.install(experiment: wide, settings: ["quota": "trials=1,cpu=4"])
    let controller = ExperimentController(cluster.context)
    var most = 0
    for _ in 0..<400 {
      _ = try await controller.reconcile(SimulatedCluster.key)
      most = max(most, cluster.server.objects(.deployments).count)
      try await cluster.node.advance()
      cluster.pass(.seconds(3))
      if try await cluster.client.get(.profilingExperiments, SimulatedCluster.key).isOver { break }
    }
    let experiment = try await cluster.client.get(.profilingExperiments, SimulatedCluster.key)
    #expect(experiment.status?["phase"] == "Succeeded")
    #expect(most == 1)
  }

  @Test func `a candidate waits until the pods of the trial before have left`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    var old = KubernetesObject(
      .pods, ObjectKey(namespace: "other", name: "old"),
      labels: [ClusterNames.roleLabel: "candidate", ClusterNames.trialLabel: "old-1"],
      finalizers: ["kubelet"], content: ["spec": ["nodeName": "node-1"], "status": [:]])
    _ = try await cluster.client.create(
      .namespaces, KubernetesObject(.namespaces, ObjectKey(name: "other")))
    old = try await cluster.client.create(.pods, old)
    try await cluster.client.delete(.pods, old.key)
    let controller = ExperimentController(cluster.context)
    for _ in 0..<3 { _ = try await controller.reconcile(SimulatedCluster.key) }
    #expect(cluster.server.objects(.deployments).isEmpty)
    let trial = try #require(cluster.trials.first)
    let said = trial.conditions["Progressing"]?.message ?? ""
    #expect(said.contains("pod other/old of a trial before is about to leave"), "\(said)")
    // One that doesn't leave is not waited for.
    cluster.pass(.seconds(120))
    _ = try await controller.reconcile(SimulatedCluster.key)
    #expect(cluster.server.objects(.deployments).count == 1)
  }

  @Test func `a foreign object of a trial's name is left alone, and named`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let foreign = KubernetesObject(
      .deployments, ObjectKey(namespace: "shop", name: "embedder-0"),
      content: ["spec": ["replicas": 7, "selector": ["matchLabels": ["a": "b"]]]])
    _ = try await cluster.client.create(.deployments, foreign)
    let experiment = try await cluster.run()
    #expect(experiment.status?["phase"] == "Failed")
    let message = experiment.conditions["Degraded"]?.message ?? ""
    #expect(message.contains("shop/embedder-0") && message.contains("delete it"))
    let left = try await cluster.client.get(.deployments, foreign.key)
    #expect(left.spec?["replicas"] == 7)
  }

  @Test func `an experiment whose Inference is missing waits for it`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let inference = ObjectKey(namespace: "shop", name: "embedder")
    try await cluster.client.delete(.inferences, inference)
    let waiting = try await cluster.run(rounds: 2) { _ in false }
    #expect(waiting.status?["phase"] == "Pending")
    #expect(waiting.conditions["Progressing"]?.reason == "InferenceNotFound")
    _ = try await cluster.client.create(
      .inferences, SimulatedCluster.object(SimulatedCluster.inference))
    #expect(try await cluster.run().status?["phase"] == "Succeeded")
  }

  @Test func `an invalid experiment says so, and runs once it was mended`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install(
      experiment: SimulatedCluster.experiment.replacing("metricName: p99", with: "metricName: joy"))
    let invalid = try await cluster.run(rounds: 3) { _ in false }
    #expect(invalid.conditions["Degraded"]?.reason == "Invalid")
    #expect(invalid.conditions["Degraded"]?.message.contains("joy") == true)
    _ = try await cluster.client.patch(
      .profilingExperiments, SimulatedCluster.key,
      .merge(["spec": ["constraints": [["metricName": "p99", "max": "100ms"]]]]))
    #expect(try await cluster.run().status?["phase"] == "Succeeded")
  }

  @Test func `a canceled experiment leaves nothing running, and goes on when that is taken back`()
    async throws
  {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run(rounds: 10) { _ in false }
    let before = cluster.trials.count
    func annotate(_ value: JSONValue) async throws {
      _ = try await cluster.client.patch(
        .profilingExperiments, SimulatedCluster.key,
        .merge(["metadata": ["annotations": [.init(ClusterNames.cancel): value]]]))
    }
    try await annotate("yes")
    let cancelled = try await cluster.run()
    #expect(cancelled.status?["phase"] == "Failed")
    #expect(cancelled.conditions["Progressing"]?.reason == "ExperimentCancelled")
    #expect(cluster.leftovers.isEmpty && cluster.trials.count == before)
    try await annotate(nil)
    let finished = try await cluster.run { $0.status?["phase"] == "Succeeded" }
    #expect(finished.status?["phase"] == "Succeeded")
  }

  @Test func `deleting it deletes everything of it`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run(rounds: 5) { _ in false }
    #expect(!cluster.leftovers.isEmpty)
    try await cluster.client.delete(.profilingExperiments, SimulatedCluster.key)
    #expect(cluster.leftovers.isEmpty && cluster.trials.isEmpty)
    #expect(
      try await ExperimentController(cluster.context).reconcile(SimulatedCluster.key) == .never)
  }
}

extension String {
  func replacing(_ part: String, with other: String) -> String {
    split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
  }
}
