import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// A cluster in memory with a daemon that tunes by itself, and Inferences to come.
struct TunedShop {
  let cluster = SimulatedCluster()
  static let lease = ObjectKey(namespace: "morphling-system", name: "morphling")
  static let key = SimulatedCluster.key

  /// - Parameter settings: beside a small space and budget, and in their place.
  init(settings: [String: String] = [:], isInstalled: Bool = true) async throws {
    var data = [
      "image": "morphling:test", "budget": "4", "slo": "p99=100ms", "search-space": Self.space,
      "quota": "trials=2",
    ]
    data.merge(settings) { _, new in new }
    _ = try await client.create(
      .configMaps,
      KubernetesObject(
        .configMaps, ObjectKey(namespace: "morphling-system", name: "morphling-config"),
        content: ["data": .object(JSONObject(data.map { ($0.key, .string($0.value)) }))]))
    if isInstalled { try await lead() }
  }

  var client: Client { cluster.client }
  var server: InMemoryAPIServer { cluster.server }
  var reasons: [String] { cluster.notices.map(\.reason) }
  var experiments: [KubernetesObject] { server.objects(.profilingExperiments) }
  func experiment(_ name: String) throws -> KubernetesObject {
    try #require(experiments.first { $0.name == name })
  }
  var inference: KubernetesObject {
    get async throws { try await client.get(.inferences, Self.key) }
  }

  /// What a daemon does first of all.
  func lead() async throws {
    _ = try await client.create(.leases, KubernetesObject(.leases, Self.lease))
  }

  @discardableResult
  func apply(
    annotations: [String: String] = [:], _ edit: (String) -> String = { $0 }
  ) async throws -> KubernetesObject {
    var inference = SimulatedCluster.object(edit(SimulatedCluster.inference))
    inference.annotations = Self.settings(annotations)
    return try await client.create(.inferences, inference)
  }

  /// Gives the Inference another spec.
  func change(_ edit: (String) -> String) async throws {
    let spec = SimulatedCluster.object(edit(SimulatedCluster.inference)).spec
    var changed = try await inference
    changed.spec = spec
    _ = try await client.replace(.inferences, changed)
  }

  func annotate(_ annotations: [String: String?]) async throws {
    for (name, value) in annotations {
      _ = try await client.patch(
        .inferences, Self.key, .annotation(ClusterNames.prefix + name, value))
    }
  }

  static func settings(_ annotations: [String: String]) -> [String: String] {
    Dictionary(uniqueKeysWithValues: annotations.map { (ClusterNames.prefix + $0.key, $0.value) })
  }

  // MARK: Time

  /// One look of the daemon at everything, after which the node takes a step.
  /// - Throws: never what the API server throws: the work queue tries that again.
  func step() async throws {
    for inference in server.objects(.inferences) {
      _ = try? await reconcile(inference.key)
    }
    let controller = ExperimentController(cluster.context)
    for experiment in experiments { _ = try? await controller.reconcile(experiment.key) }
    try? await cluster.node.advance()
    cluster.pass(.seconds(3))
  }

  @discardableResult
  func reconcile(_ key: ObjectKey = Self.key) async throws -> Requeue {
    try await InferenceController(cluster.context, lease: Self.lease).reconcile(key)
  }

  func steps(_ count: Int) async throws { for _ in 0..<count { try await step() } }

  /// Steps until a trial has something that runs.
  func stepUntilTrialRuns() async throws {
    for _ in 0..<20 where cluster.leftovers.isEmpty { try await step() }
    try #require(!cluster.leftovers.isEmpty)
  }

  /// Steps until every experiment is over, and what is left of its trials is gone.
  func settle() async throws {
    for _ in 0..<400 {
      try await step()
      if !experiments.isEmpty, experiments.allSatisfy(\.isOver) { break }
    }
    try await steps(3)
  }

  static let space = """
    - category: resource
      parameters:
        - {name: cpu, parameterType: discrete, feasibleSpace: {list: ["1", "2", "4"]}}
        - {name: memory, parameterType: discrete, feasibleSpace: {list: [512Mi, 1Gi]}}
    - category: env
      parameters:
        - {name: THREADS, parameterType: int, feasibleSpace: {list: ["1", "2", "3", "4"]}}
    """

  static let canary = """
        - name: canary
          template:
            spec:
              containers:
                - name: predictor
                  image: server:2
                  env: [{name: THREADS, value: "1"}]
                  ports: [{containerPort: 8000}]
                  resources:
                    limits: {cpu: "2", memory: 1Gi}

    """

  static func withCanary(_ inference: String) -> String { inference + "\n" + canary }
}
