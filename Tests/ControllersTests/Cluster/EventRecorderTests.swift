import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// What is decided stands in Events of the objects.
@Suite struct EventRecorderTests {
  private let cluster = SimulatedCluster()
  private var recorder: EventRecorder {
    EventRecorder(cluster.client, instance: "daemon-1", now: { [cluster] in cluster.now })
  }
  private var events: [KubernetesObject] { cluster.server.objects(.events) }

  private func notice(
    _ message: String, reason: String = "TrialStarted", trial: String? = "embedder-3"
  ) throws -> Notice {
    var experiment = SimulatedCluster.object(SimulatedCluster.experiment)
    experiment.setMetadata("uid", "uid-7")
    return Notice(
      experiment, reason: reason, message, experiment: "embedder", trial: trial)
  }

  @Test func `an Event names its object, the trial, and who says it`() async throws {
    #expect(await recorder.record(try notice("cpu=2")) == nil)
    let event = try #require(events.first).json
    #expect(event["involvedObject"]?["kind"] == "ProfilingExperiment")
    #expect(event["involvedObject"]?["apiVersion"] == "morphling.kubedl.io/v1alpha1")
    #expect(event["involvedObject"]?["name"] == "embedder")
    #expect(event["involvedObject"]?["namespace"] == "shop")
    #expect(event["involvedObject"]?["uid"] == "uid-7")
    #expect(event["related"]?["kind"] == "Trial" && event["related"]?["name"] == "embedder-3")
    #expect(event["type"] == "Normal" && event["reason"] == "TrialStarted")
    #expect(event["message"] == "embedder-3: cpu=2")
    #expect(event["source"]?["component"] == "morphling")
    #expect(event["reportingInstance"] == "daemon-1" && event["count"] == 1)
    let labels = try #require(events.first).labels
    #expect(labels[ClusterNames.experimentLabel] == "embedder")
    #expect(labels[ClusterNames.trialLabel] == "embedder-3")
  }

  @Test func `the same told again is counted, also by another daemon`() async throws {
    _ = await recorder.record(try notice("cpu=2"))
    let first = cluster.now
    cluster.pass(.seconds(60))
    let other = EventRecorder(cluster.client, instance: "daemon-2", now: { cluster.now })
    for _ in 0..<3 { #expect(await other.record(try notice("cpu=2")) == nil) }
    #expect(events.count == 1)
    let event = try #require(events.first).json
    #expect(event["count"] == 4)
    #expect(event["firstTimestamp"]?.string == first.description)
    #expect(event["lastTimestamp"]?.string == cluster.now.description)
    #expect(event["reportingInstance"] == "daemon-2")
  }

  @Test func `what differs in any word is another Event`() async throws {
    for notice in [
      try notice("cpu=2"), try notice("cpu=4"), try notice("cpu=2", reason: "TrialFinished"),
      try notice("cpu=2", trial: "embedder-4"), try notice("cpu=2", trial: nil),
    ] { _ = await recorder.record(notice) }
    #expect(events.count == 5)
  }

  @Test func `a long message is cut where the API server would refuse it`() async throws {
    for text in [
      String(repeating: "a", count: 5_000), String(repeating: "→", count: 1_000),
      "a" + String(repeating: "👩‍👩‍👧", count: 200),
    ] {
      let event = NoticeEvent(try notice(text), instance: "daemon-1").object(at: cluster.now)
      let message = event.json["message"]?.string ?? ""
      #expect(message.utf8.count <= 1_024 && message.utf8.count > 990)
      #expect(message.hasSuffix("…") && !message.contains("\u{FFFD}"))
    }
  }

  @Test func `its name is one that the API server takes`() throws {
    var experiment = SimulatedCluster.object(SimulatedCluster.experiment)
    experiment.name = String(repeating: "a", count: 253)
    let key = NoticeEvent(Notice(experiment, reason: "A", "b"), instance: "").key
    #expect(key.name.utf8.count <= 253 && key.namespace == "shop")
  }

  @Test(arguments: [false, true])
  func `one that can't be written is told of, and keeps nothing from going on`(
    afterPerforming: Bool
  ) async throws {
    cluster.server.fail(with: .forbidden, afterPerforming: afterPerforming)
    let failure = await recorder.record(try notice("cpu=2"))
    #expect((failure as? APIFailure)?.reason == .forbidden)
    #expect(await recorder.record(try notice("cpu=2")) == nil)
    #expect(events.count == 1)
  }

  @Test func `an experiment from its beginning to its end can be read from its Events`()
    async throws
  {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let recorder = EventRecorder(cluster.client, instance: "daemon-1", now: { cluster.now })
    let context = ControllerContext(
      client: cluster.client, namespace: "morphling-system", now: { cluster.now },
      notify: { _ = await recorder.record($0) })
    for _ in 0..<300 {
      _ = try? await ExperimentController(context).reconcile(SimulatedCluster.key)
      try? await cluster.node.advance()
      cluster.pass(.seconds(3))
      if try cluster.experiment.isOver { break }
    }
    let events = cluster.server.objects(.events).map(\.json)
    func messages(_ reason: String) -> [String] {
      events.filter { $0["reason"]?.string == reason }.compactMap { $0["message"]?.string }
    }
    let trials = cluster.trials.map(\.name)
    for reason in ["TrialStarted", "TrialFinished"] {
      let told = messages(reason).map { String($0.prefix { $0 != ":" }) }.sorted()
      #expect(told == trials.sorted(), "\(reason)")
    }
    #expect(messages("ExperimentStarted").count == 1)
    let summary = try cluster.experiment.status?["recommendation"]?["summary"]?.string ?? "-"
    #expect(messages("ExperimentConcluded").first?.hasPrefix(summary) == true)
    #expect(events.allSatisfy { $0["count"] == 1 })
  }
}
