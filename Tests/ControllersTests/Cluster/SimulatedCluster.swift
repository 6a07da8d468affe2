import Controllers
import CustomResources
import Foundation
import Kubernetes
import Simulation
import StressTest
import Synchronization
import Testing
import Tuning

/// A cluster in memory with a service to tune, whose candidates behave by a formula.
final class SimulatedCluster: Sendable {
  let server: InMemoryAPIServer
  let client: Client
  let node: SimulatedNode
  private let clockwork = Clockwork()
  private let heard = Mutex<[Notice]>([])

  static let key = ObjectKey(namespace: "shop", name: "embedder")

  init(
    behavior: @escaping @Sendable (_ deployment: KubernetesObject) -> SimulatedNode.Behavior =
      SimulatedCluster.service
  ) {
    server = InMemoryAPIServer(
      namespaces: ["default", "shop", "morphling-system"], now: { [clockwork] in clockwork.now })
    client = .inMemory(server)
    node = SimulatedNode(server, behavior: behavior)
  }

  /// Civil time, moved by hand.
  private final class Clockwork: Sendable {
    private let instant = Mutex(Timestamp(seconds: 1_767_225_600))
    var now: Timestamp { instant.withLock { $0 } }
    func move(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
  }

  var now: Timestamp { clockwork.now }
  func pass(_ duration: Duration) { clockwork.move(by: duration) }

  var notices: [Notice] { heard.withLock { $0 } }

  var context: ControllerContext {
    ControllerContext(
      client: client, namespace: "morphling-system", now: { [clockwork] in clockwork.now },
      notify: { [self] notice in heard.withLock { $0.append(notice) } })
  }

  // MARK: The service

  /// 24 configurations: throughput grows with the cores and saturates in the threads; too little
  /// memory for the threads is no start, and the greatest batch dies under load.
  static func service(_ deployment: KubernetesObject) -> SimulatedNode.Behavior {
    let found = configuration(of: deployment)
    if found.memory < found.threads * 256 { return .outOfMemory }
    let rate = 20 * min(found.cores, found.threads * 0.6) * (1 + 0.1 * found.threads)
    return .serves(result: result(rate: rate, p99: 20 + 10 * found.threads))
  }

  static func configuration(
    of deployment: KubernetesObject
  ) -> (cores: Double, memory: Double, threads: Double) {
    let containers = deployment.spec?["template"]?["spec"]?["containers"]?.array ?? []
    let container = Container(containers.last ?? .null)
    let amount = { (name: String) in
      container.limit(name).flatMap { try? Quantity($0) }?.amount ?? 0
    }
    return (
      amount("cpu"), amount("memory") / 1_048_576,
      container.value(ofVariable: "THREADS").flatMap(Double.init) ?? 1
    )
  }

  static func result(rate: Double, p99: Double) -> String {
    let measurement = Measurement(values: [
      .throughput: rate, .latencyP99: p99, .latencyP50: p99 / 2, .errorRate: 0,
    ])
    return (try? StressResult(knowing: .measured(measurement)).compact()) ?? ""
  }

  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: embedder, namespace: shop}
    spec:
      framework: Triton
      predictors:
        - name: main
          template:
            spec:
              containers:
                - name: predictor
                  image: server:1
                  env: [{name: THREADS, value: "1"}]
                  ports: [{containerPort: 8000}]
                  resources:
                    limits: {cpu: "2", memory: 1Gi}
    """

  static let experiment = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: embedder, namespace: shop}
    spec:
      targetRef: {kind: Inference, name: embedder}
      objective: {type: maximize, objectiveMetricName: throughput_rps / cost}
      constraints: [{metricName: p99, max: 100ms}]
      cost: [{resource: cpu, pricePerHour: 0.04}, {base: 0.02}]
      maxNumTrials: 8
      samplingLimit: 100%
      serviceProgressDeadline: 60s
      tunableParameters:
        - category: resource
          parameters:
            - {name: cpu, parameterType: discrete, feasibleSpace: {list: ["1", "2", "4"]}}
            - {name: memory, parameterType: discrete, feasibleSpace: {list: [512Mi, 1Gi]}}
        - category: env
          parameters:
            - {name: THREADS, parameterType: int, feasibleSpace: {list: ["1", "2", "3", "4"]}}
    """

  static func object(_ yaml: String) -> KubernetesObject {
    KubernetesObject(Manifest(yaml, file: "fixture").documents.first?.value ?? .null)
  }

  /// Puts the settings, the Inference and the experiment into the cluster.
  func install(
    experiment: String? = SimulatedCluster.experiment, settings: [String: String] = [:]
  ) async throws {
    var data = settings
    data["image"] = data["image"] ?? "morphling:test"
    _ = try await client.create(
      .configMaps,
      KubernetesObject(
        .configMaps, ObjectKey(namespace: "morphling-system", name: "morphling-config"),
        content: [
          "data": .object(
            JSONObject(data.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        ]))
    _ = try await client.create(.inferences, Self.object(Self.inference))
    if let experiment {
      _ = try await client.create(.profilingExperiments, Self.object(experiment))
    }
  }

  // MARK: Time

  /// Lets controller and node work in turns until the experiment is over.
  /// - Returns: the experiment as it is then.
  @discardableResult
  func run(
    rounds: Int = 300, until isOver: (KubernetesObject) -> Bool = { $0.isOver }
  ) async throws -> KubernetesObject {
    let controller = ExperimentController(context)
    for _ in 0..<rounds {
      // What the API server throws, the work queue tries again.
      _ = try? await controller.reconcile(Self.key)
      try? await node.advance()
      pass(.seconds(3))
      if isOver(try experiment) {
        // The rounds after the last tear down.
        for _ in 0..<3 { _ = try? await controller.reconcile(Self.key) }
        return try experiment
      }
    }
    return try experiment
  }

  /// As it is, without asking the server's client.
  var experiment: KubernetesObject {
    get throws {
      try #require(server.objects(.profilingExperiments).first { $0.key == Self.key })
    }
  }

  var trials: [KubernetesObject] {
    server.objects(.trials).sorted {
      ($0.spec?["ordinal"]?.integer ?? 0) < ($1.spec?["ordinal"]?.integer ?? 0)
    }
  }

  /// What is left of trials beside the Trials themselves.
  var leftovers: [String] {
    [ResourceKind.deployments, .services, .jobs, .pods].flatMap { kind in
      server.objects(kind).map { "\(kind) \($0.name)" }
    }
  }
}

extension KubernetesObject {
  var isOver: Bool {
    ["Succeeded", "Infeasible", "Failed"].contains(status?["phase"]?.string ?? "")
  }
}
