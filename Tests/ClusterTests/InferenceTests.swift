import Controllers
import CustomResources
import Foundation
import Kubernetes
import Testing
import Transport

/// What is tuned by itself on a real API server, and what is told of it.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.skipping))
struct InferenceTests {
  @Test func `one that was there before the daemon is left alone, and a new one is taken up`()
    async throws
  {
    try await TunedNamespace.with { shop in
      try await shop.create("old")
      // The API server counts in whole seconds.
      try await Task.sleep(for: .milliseconds(1_100))
      try await shop.lead()
      try await shop.create("new")
      try await eventually("the new one has an experiment", within: .seconds(60)) {
        try await shop.step()
        return try await shop.experiments() == ["new-main"]
      }
      for _ in 0..<3 { try await shop.step() }
      #expect(try await shop.experiments() == ["new-main"])
      let experiment = try await shop.client.get(
        .profilingExperiments, shop.key("new-main"))
      let inference = try await shop.client.get(.inferences, shop.key("new"))
      #expect(experiment.isOwned(by: inference))
      #expect(try await shop.events(of: "new").map(\.reason) == ["TuningStarted"])
      #expect(try await shop.events(of: "old").isEmpty)
    }
  }

  @Test func `another image is tuned anew, more replicas are not, and both are told`() async throws
  {
    try await TunedNamespace.with { shop in
      try await shop.lead()
      try await shop.create("echo")
      try await eventually("it has an experiment", within: .seconds(60)) {
        try await shop.step()
        return try await !shop.experiments().isEmpty
      }
      func patch(_ changes: JSONPatch.Operation) async throws {
        _ = try await shop.client.patch(
          .inferences, shop.key("echo"), .json(JSONPatch([changes])))
        for _ in 0..<2 { try await shop.step() }
      }
      let predictor = JSONPointer(["spec", "predictors", "0"])
      try await patch(.add(predictor.appending("replicas"), 3))
      #expect(try await shop.experiments() == ["echo-main"])
      let image = predictor.appending("template").appending("spec").appending("containers")
        .appending(0).appending("image")
      try await patch(.replace(image, "localhost/busybox:2"))
      #expect(try await shop.experiments() == ["echo-main", "echo-main-g2"])
      let old = try await shop.client.get(.profilingExperiments, shop.key("echo-main"))
      #expect(old.conditions["Progressing"]?.reason == "ExperimentSuperseded")
      let told = try await shop.events(of: "echo")
      #expect(told.map(\.reason).contains("TuningAgain"))
      #expect(told.contains { $0.message.contains("localhost/busybox:2") })
      #expect(
        try await shop.events(of: "echo-main").map(\.reason).contains("ExperimentSuperseded"))
    }
  }

  @Test func `the same Event is counted, as the server keeps it`() async throws {
    try await TunedNamespace.with { shop in
      try await shop.create("echo")
      let inference = try await shop.client.get(.inferences, shop.key("echo"))
      let notice = Notice(inference, .warning, reason: "TuningProblem", "twice\nthe same")
      for _ in 0..<3 { #expect(await shop.recorder.record(notice) == nil) }
      let events = try await shop.events(of: "echo")
      #expect(events.map(\.count) == [3])
      #expect(events.first?.message == "twice\nthe same")
    }
  }

  @Test(.enabled(if: Kubectl.isThere, Kubectl.skipping))
  func `what is wrong is seen in kubectl describe`() async throws {
    try await TunedNamespace.with { shop in
      try await shop.lead()
      try await shop.create("typo", annotations: ["slo": "p99=fast"])
      try await shop.createInvalidExperiment("bad", of: "typo")
      try await eventually("both are looked at", within: .seconds(60)) {
        try await shop.step()
        let inference = try await shop.client.get(.inferences, shop.key("typo"))
        let experiment = try await shop.client.get(.profilingExperiments, shop.key("bad"))
        return inference.annotations[ClusterNames.problem] != nil && experiment.status != nil
      }
      let inference = try Kubectl.run("describe", "inference", "typo", "-n", shop.namespace)
      #expect(inference.contains("TuningProblem"), "\(inference)")
      #expect(inference.contains("\"fast\" for latency_p99_ms"), "\(inference)")
      let bad = try Kubectl.run("describe", "profilingexperiment", "bad", "-n", shop.namespace)
      for words in ["ExperimentInvalid", "spec.constraints[0].metricName: nobody reports \"joy\""] {
        #expect(bad.contains(words), "\(bad)")
      }
    }
  }
}

/// The command that people look with.
enum Kubectl {
  /// `cluster up` names it.
  static let path = ProcessInfo.processInfo.environment["KUBECTL"] ?? ""
  static let isThere = RealCluster.isThere && !path.isEmpty
  static let skipping: Comment = "KUBECONFIG and KUBECTL name no cluster and command"

  static func run(_ arguments: String...) throws -> String {
    let process = try ChildProcess([path] + arguments, output: .pipe)
    let end = ContinuousClock.now + .seconds(120)
    let bytes = process.output(until: end)
    try #require(process.ending(until: end)?.code == 0)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A namespace of a real cluster, which is the daemon's own too.
struct TunedNamespace: Sendable {
  let client: Client
  let namespace: String

  static func with(_ body: @Sendable (TunedNamespace) async throws -> Void) async throws {
    _ = try await SchemaServer.ready()
    try await TestCluster.with(.real) { cluster in
      _ = try await cluster.client.create(
        .configMaps,
        KubernetesObject(
          .configMaps, cluster.key(MorphlingConfiguration.name),
          content: ["data": ["image": "localhost/morphling:none", "quota": "trials=1"]]))
      try await body(TunedNamespace(client: cluster.client, namespace: cluster.namespace))
    }
  }

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }
  private var lease: ObjectKey { key(Installation.name) }

  var recorder: EventRecorder { EventRecorder(client, instance: "tests", now: { .now() }) }

  func lead() async throws {
    _ = try await client.create(.leases, KubernetesObject(.leases, lease))
  }

  /// One look at all Inferences and experiments of the namespace.
  func step() async throws {
    let context = ControllerContext(
      client: client, namespace: namespace, now: { Timestamp.now() },
      notify: { [recorder] in _ = await recorder.record($0) })
    let here = Selection(namespace: namespace)
    for inference in try await client.list(.inferences, here).items {
      _ = try await InferenceController(context, lease: lease).reconcile(inference.key)
    }
    for experiment in try await client.list(.profilingExperiments, here).items {
      _ = try await ExperimentController(context).reconcile(experiment.key)
    }
  }

  func experiments() async throws -> [String] {
    try await client.list(.profilingExperiments, Selection(namespace: namespace)).items
      .map(\.name).sorted()
  }

  /// In the order in which they were first told.
  func events(
    of name: String
  ) async throws -> [(reason: String, message: String, count: Int)] {
    let selection = Selection(namespace: namespace, fields: "involvedObject.name=\(name)")
    return try await client.list(.events, selection).items.map(\.json)
      .sorted {
        ($0["firstTimestamp"]?.string ?? "") < ($1["firstTimestamp"]?.string ?? "")
      }
      .map {
        (
          $0["reason"]?.string ?? "", $0["message"]?.string ?? "", $0["count"]?.integer ?? 0
        )
      }
  }

  func create(_ name: String, annotations: [String: String] = [:]) async throws {
    var inference = try KubernetesObject(yaml: TestNode.inference, in: namespace)
    inference.name = name
    inference.annotations = Dictionary(
      uniqueKeysWithValues: annotations.map { (ClusterNames.prefix + $0.key, $0.value) })
    _ = try await client.create(.inferences, inference)
  }

  func createInvalidExperiment(_ name: String, of inference: String) async throws {
    _ = try await client.create(
      .profilingExperiments,
      KubernetesObject(
        .profilingExperiments, key(name),
        content: [
          "spec": [
            "targetRef": ["kind": "Inference", "name": .string(inference)],
            "constraints": [["metricName": "joy", "max": "100ms"]],
            "tunableParameters": [
              [
                "category": "resource",
                "parameters": [
                  [
                    "name": "cpu", "parameterType": "discrete",
                    "feasibleSpace": ["list": ["1", "2"]],
                  ]
                ],
              ]
            ],
          ]
        ]))
  }
}
