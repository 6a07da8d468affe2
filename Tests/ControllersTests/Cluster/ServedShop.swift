import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// A cluster in memory without KubeDL, with an Inference to serve.
struct ServedShop {
  private let cluster = SimulatedCluster()
  static let key = SimulatedCluster.key

  init() async throws {
    _ = try await client.create(.inferences, SimulatedCluster.object(Self.inference))
  }

  var server: InMemoryAPIServer { cluster.server }
  var client: Client { cluster.client }
  var reasons: [String] { cluster.notices.map(\.reason) }

  var inference: KubernetesObject {
    get async throws { try await client.get(.inferences, Self.key) }
  }

  @discardableResult
  func reconcile() async throws -> Requeue {
    try await ServingController(cluster.context).reconcile(Self.key)
  }

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "shop", name: name) }

  func deployment(_ name: String) throws -> KubernetesObject {
    try #require(server.objects(.deployments).first { $0.name == name })
  }

  func names(_ kind: ResourceKind) -> [String] { server.objects(kind).map(\.name).sorted() }

  /// Gives the Inference another spec.
  func change(_ edit: (String) -> String) async throws {
    var changed = try await inference
    changed.spec = SimulatedCluster.object(edit(Self.inference)).spec
    _ = try await client.replace(.inferences, changed)
  }

  func ready(_ deployment: String, pods: Int) async throws {
    _ = try await client.patch(
      .deployments, key(deployment),
      .merge(["status": ["replicas": .integer(pods), "readyReplicas": .integer(pods)]]),
      subresource: .status)
  }

  /// A model version whose image is there.
  func build(_ version: String, image: String) async throws {
    _ = try await client.create(.modelVersions, KubernetesObject(.modelVersions, key(version)))
    _ = try await client.patch(
      .modelVersions, key(version), .merge(["status": ["image": .string(image)]]),
      subresource: .status)
  }

  static func selector(of service: KubernetesObject) -> LabelSelector {
    LabelSelector(["matchLabels": service.spec?["selector"] ?? [:]]) ?? LabelSelector()
  }

  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: embedder, namespace: shop}
    spec:
      framework: Triton
      predictors:
        - name: main
          replicas: 2
          batching: {batchSize: 8}
          template:
            metadata: {labels: {team: search}}
            spec:
              nodeSelector: {disk: fast}
              containers:
                - name: predictor
                  image: server:1
                  env: [{name: THREADS, value: "1"}]
                  ports: [{name: http-port, containerPort: 8000}]
                  resources:
                    limits: {cpu: "2", memory: 1Gi}

    """

  static func predictor(_ name: String) -> String {
    """
        - name: \(name)
          template: {spec: {containers: [{name: predictor, image: "server:1"}]}}

    """
  }
}
