import Controllers
import CustomResources
import Foundation
import Kubernetes
import Testing
import Transport

/// Experiments on a real node: pods that are placed, killed for their memory and put to the test.
@Suite(.serialized, .enabled(if: TestImages.areThere, TestImages.skipping))
struct NodeTests {
  @Test func `a service is tuned, with a candidate that is killed and one that fits nowhere`()
    async throws
  {
    try await TestNode.with { node in
      try await node.create(TestNode.inference)
      try await node.create(TestNode.experiment)
      let experiment = try await node.run()
      let trials = try await node.trials()
      let words = trials.map(TestNode.summary).joined(separator: "\n")
      #expect(experiment.status?["phase"] == "Succeeded", "\(words)")
      // Two levels of the processor hold, one fits no node; one level of the memory is too small.
      #expect(trials.contains { $0.status?["reason"] == "could not be started" }, "\(words)")
      #expect(trials.contains { $0.status?["reason"] == "out of memory" }, "\(words)")
      #expect(trials.contains { $0.status?["phase"] == "Succeeded" }, "\(words)")
      let recommendation = experiment.status?["recommendation"]
      #expect(recommendation?["target"]?["memory"] == "64Mi", "\(words)")
      try await eventually("nothing is left of the trials", within: .seconds(300)) {
        try await node.leftovers().isEmpty
      }
    }
  }

  @Test func `a candidate that is drained under load, and a result that is lost, are begun anew`()
    async throws
  {
    try await TestNode.with { node in
      try await node.create(TestNode.inference.replacingOccurrences(of: "\"64\"", with: "200m"))
      try await node.create(
        TestNode.experiment.replacingOccurrences(of: "maxNumTrials: 6", with: "maxNumTrials: 1"))
      _ = try await node.run { _ in try await node.pods("stress").contains { $0.phase == .running }
      }
      for pod in try await node.pods("candidate") {
        try await node.client.evict(ObjectKey(namespace: node.namespace, name: pod.name))
      }
      _ = try await node.run { _ in try await node.trials().first?.spec?["attempt"] == 1 }
      _ = try await node.run { _ in try await !node.pods("stress", attempt: 1).isEmpty }
      // Nobody looks until the second test is over and its pod has gone.
      try await eventually("the second test ends", within: .seconds(300)) {
        try await node.pods("stress", attempt: 1).contains {
          [.succeeded, .failed].contains($0.phase)
        }
      }
      for pod in try await node.pods("stress") {
        try await node.client.delete(.pods, ObjectKey(namespace: node.namespace, name: pod.name))
      }
      try await eventually("its result is lost") { try await node.pods("stress").isEmpty }
      let experiment = try await node.run()
      let trial = try #require(try await node.trials().first)
      #expect(experiment.status?["phase"] == "Succeeded", "\(TestNode.summary(trial))")
      #expect(trial.spec?["attempt"] == 2 && trial.status?["phase"] == "Succeeded")
    }
  }

  @Test func `deleting an experiment takes its candidates and tests along`() async throws {
    try await TestNode.with { node in
      try await node.create(TestNode.inference)
      try await node.create(TestNode.experiment)
      _ = try await node.run { _ in try await !node.leftovers().isEmpty }
      try await node.client.delete(
        .profilingExperiments, ObjectKey(namespace: node.namespace, name: "busy"))
      try await eventually("nothing is left", within: .seconds(300)) {
        let trials = try await node.trials()
        let leftovers = try await node.leftovers()
        return trials.isEmpty && leftovers.isEmpty
      }
    }
  }
}

/// Images that a real node has: ours, and one with a shell and a small HTTP server.
enum TestImages {
  static let ours = ProcessInfo.processInfo.environment["MORPHLING_IMAGE"] ?? ""
  static let server =
    ProcessInfo.processInfo.environment["BUSYBOX_IMAGE"] ?? "localhost/busybox:1"
  static let areThere = RealCluster.isThere && !ours.isEmpty
  static let skipping: Comment =
    "KUBECONFIG and MORPHLING_IMAGE name no cluster and image: no node was tested"
}

/// A namespace of a real cluster in which experiments run.
struct TestNode: Sendable {
  let client: Client
  let namespace: String

  /// - Parameter image: what stress tests are run with.
  static func with(
    image: String = TestImages.ours, attempts: String = "3",
    _ body: @Sendable (TestNode) async throws -> Void
  ) async throws {
    _ = try await SchemaServer.ready()
    try await TestCluster.with(.real) { cluster in
      let node = TestNode(client: cluster.client, namespace: cluster.namespace)
      _ = try await cluster.client.create(
        .configMaps,
        KubernetesObject(
          .configMaps, cluster.key(MorphlingConfiguration.name),
          content: ["data": ["image": .string(image), "attempts": .string(attempts)]]))
      try await body(node)
    }
  }

  func create(_ yaml: String) async throws {
    let object = try KubernetesObject(yaml: yaml, in: namespace)
    let kind: ResourceKind = object.kind == "Inference" ? .inferences : .profilingExperiments
    _ = try await client.create(kind, object)
  }

  /// Reconciles until the experiment is over.
  func run(
    until isOver: @Sendable (KubernetesObject) async throws -> Bool = {
      ["Succeeded", "Infeasible", "Failed"].contains($0.status?["phase"]?.string ?? "")
    }
  ) async throws -> KubernetesObject {
    let context = ControllerContext(
      client: client, namespace: namespace, now: { Timestamp.now() }, notify: { _ in })
    let controller = ExperimentController(context)
    let key = ObjectKey(namespace: namespace, name: "busy")
    let start = ContinuousClock.now
    while true {
      _ = try await controller.reconcile(key)
      let experiment = try await client.get(.profilingExperiments, key)
      if try await isOver(experiment) {
        _ = try await controller.reconcile(key)
        return experiment
      }
      let trials = try await trials().map(Self.summary).joined(separator: "\n")
      try #require(ContinuousClock.now - start < .seconds(600), "\(trials)")
      try await Task.sleep(for: .seconds(1))
    }
  }

  func trials() async throws -> [KubernetesObject] {
    try await client.list(.trials, Selection(namespace: namespace)).items
  }

  func pods(_ role: String, attempt: Int? = nil) async throws -> [PodStatus] {
    var labels = [ClusterNames.roleLabel: role]
    labels[ClusterNames.attemptLabel] = attempt.map(String.init)
    let selection = Selection(namespace: namespace, labels: LabelSelector(labels))
    return try await client.list(.pods, selection).items.map { PodStatus($0) }
  }

  static func summary(_ trial: KubernetesObject) -> String {
    let condition = trial.conditions.first
    return [
      trial.name, trial.spec?["configuration"]?.string, trial.status?["phase"]?.string,
      condition?.message,
    ].compactMap(\.self).joined(separator: " | ")
  }

  /// What is there of trials beside the Trials themselves.
  func leftovers() async throws -> [String] {
    var names: [String] = []
    let selection = Selection(
      namespace: namespace, labels: LabelSelector([.exists(ClusterNames.roleLabel)]))
    for kind in [ResourceKind.deployments, .services, .jobs, .pods] {
      names += try await client.list(kind, selection).items.map { "\(kind) \($0.name)" }
    }
    return names
  }

  /// No node has room for it as it is. It takes 24 MiB before it serves, and gives the same short answer to everyone.
  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: busy}
    spec:
      framework: Stand-in
      predictors:
        - name: main
          template:
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: predictor
                  image: \(TestImages.server)
                  command: [sh, -c]
                  args:
                    - |
                      mkdir -p /www && echo hello >/www/index.html
                      x=$(head -c 12582912 /dev/zero | tr '\\0' x); y=$x$x
                      exec httpd -f -p 8080 -h /www
                  ports: [{containerPort: 8080}]
                  readinessProbe: {httpGet: {path: /index.html, port: 8080}, periodSeconds: 1}
                  resources:
                    limits: {cpu: "64", memory: 64Mi}
    """

  static let experiment = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: busy}
    spec:
      targetRef: {kind: Inference, name: busy}
      objective: {type: maximize, objectiveMetricName: throughput_rps / cost}
      constraints: [{metricName: p99, max: 250ms}, {metricName: error-rate, max: 1%}]
      cost: [{resource: cpu, pricePerHour: 0.04}, {base: 0.01}]
      samplingLimit: 100%
      maxNumTrials: 6
      serviceProgressDeadline: 25s
      tunableParameters:
        - category: resource
          parameters:
            - {name: cpu, parameterType: discrete, feasibleSpace: {list: [100m, 200m, "64"]}}
            - {name: memory, parameterType: discrete, feasibleSpace: {list: [6Mi, 64Mi]}}
      stressTest: {port: 8080, path: /index.html, warmUp: 300ms, stepDuration: 1s, rateMax: 200}
    """
}
