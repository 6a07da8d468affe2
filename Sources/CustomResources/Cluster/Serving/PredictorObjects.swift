package import Kubernetes
import Tuning

/// What serves a predictor, under KubeDL's names and labels: a Deployment and a Service, both the
/// Inference's.
package struct PredictorObjects: Sendable {
  package static let inferenceLabel = "kubedl.io/inference-name"
  package static let predictorLabel = "kubedl.io/predictor-name"
  package static let versionLabel = "kubedl.io/model-version"

  private let inference: KubernetesObject
  private let predictor: Inference.Predictor
  private let model: ModelLoading?

  /// - Parameter model: nil where the predictor has no model version.
  package init(
    _ predictor: Inference.Predictor, of inference: KubernetesObject, model: ModelLoading?
  ) {
    self.inference = inference
    self.predictor = predictor
    self.model = model
  }

  /// `<inference>-<predictor>`
  package static func deploymentName(_ inference: String, _ predictor: String) -> String {
    "\(inference)-\(predictor)"
  }

  /// What finds all that serves an Inference.
  package static func objects(of inference: String) -> LabelSelector {
    LabelSelector([inferenceLabel: ClusterNames.bounded(inference)])
  }

  /// The selector knows no model version, unlike KubeDL's: it can't be changed, and a new version
  /// is to be rolled out.
  private var selector: [String: String] {
    [
      Self.inferenceLabel: ClusterNames.bounded(inference.name),
      Self.predictorLabel: ClusterNames.bounded(predictor.name),
    ]
  }

  private var labels: [String: String] {
    var labels = selector
    if let version = predictor.modelVersion, !version.isEmpty {
      labels[Self.versionLabel] = ClusterNames.bounded(version)
    }
    return labels
  }

  // MARK: The objects

  package var deployment: KubernetesObject {
    Self.object(
      .deployments, Self.deploymentName(inference.name, predictor.name), of: inference,
      labels: labels,
      [
        "replicas": .integer(predictor.replicas ?? 1),
        "selector": ["matchLabels": .labels(selector)],
        "strategy": ["type": "RollingUpdate"],
        "template": template,
      ])
  }

  package var service: KubernetesObject {
    Self.object(
      .services, ClusterNames.bounded(Self.deploymentName(inference.name, predictor.name)),
      of: inference, labels: selector,
      ["selector": .labels(selector), "ports": Self.ports(of: [predictor])])
  }

  /// `<inference>`: all predictors' pods behind one address.
  package static func entry(
    to predictors: [Inference.Predictor], of inference: KubernetesObject
  ) -> KubernetesObject {
    let name = ClusterNames.bounded(inference.name)
    return object(
      .services, name, of: inference, labels: [inferenceLabel: name],
      ["selector": [.init(inferenceLabel): .string(name)], "ports": ports(of: predictors)])
  }

  private static func object(
    _ kind: ResourceKind, _ name: String, of inference: KubernetesObject,
    labels: [String: String], _ spec: JSONValue
  ) -> KubernetesObject {
    let content = JSONText.encode([.labels(labels), spec])
    return KubernetesObject(
      kind, ObjectKey(namespace: inference.namespace, name: name),
      labels: labels,
      annotations: [ClusterNames.served: String(SeededGenerator.seed(of: content), radix: 16)],
      owners: OwnerReference(controller: inference).map { [$0] } ?? [], content: ["spec": spec])
  }

  // MARK: Ports

  /// 8080 and 9000, as KubeDL's, whatever the containers call and number their own.
  private static func ports(of predictors: [Inference.Predictor]) -> JSONValue {
    [port("http", 8080, in: predictors), port("grpc", 9000, in: predictors)]
  }

  /// Pods are reached by the port that they have for a protocol: by its name where all predictors
  /// have the same, or by its number.
  private static func port(
    _ name: String, _ number: Int, in predictors: [Inference.Predictor]
  ) -> JSONValue {
    let ports = predictors.map { $0.port(for: name) }
    var target = JSONValue.integer(number)
    if let port = ports.first ?? nil, ports.allSatisfy({ $0?["name"] == port["name"] }) {
      target = port["name"] ?? target
    } else if let port = ports.first ?? nil,
      ports.allSatisfy({ $0?["containerPort"] == port["containerPort"] })
    {
      target = port["containerPort"] ?? target
    }
    return ["name": .string(name), "port": .integer(number), "targetPort": target]
  }

  // MARK: The pods

  private var template: JSONValue {
    var template = predictor.template.json.object ?? JSONObject()
    var metadata = template["metadata"]?.object ?? JSONObject()
    metadata["labels"] = .labels(
      predictor.template.metadata.labels.merging(labels) { _, ours in ours })
    template["metadata"] = .object(metadata)
    var spec = template["spec"]?.object ?? JSONObject()
    if let batchSize = predictor.batching?.batchSize { Self.set(batchSize, in: &spec) }
    if let model { spec = model.applied(to: spec) }
    template["spec"] = .object(spec)
    return .object(template)
  }

  /// A batch size that the server's own variables don't give reaches it as `BATCH_SIZE`.
  private static func set(_ batchSize: Int, in spec: inout JSONObject) {
    var containers = spec["containers"]?.array ?? []
    guard !containers.isEmpty else { return }
    let index = containers.firstIndex { $0["name"] == "predictor" } ?? 0
    var container = containers[index].object ?? JSONObject()
    var variables = container["env"]?.array ?? []
    guard !variables.contains(where: { $0["name"] == "BATCH_SIZE" }) else { return }
    variables.append(["name": "BATCH_SIZE", "value": .string(String(batchSize))])
    container["env"] = .array(variables)
    containers[index] = .object(container)
    spec["containers"] = .array(containers)
  }
}

extension Inference.Predictor {
  /// The first port of a container whose name says that it is for the protocol.
  fileprivate func port(for protocolName: String) -> JSONValue? {
    (template.json["spec"]?["containers"]?.array ?? []).lazy
      .flatMap { $0["ports"]?.array ?? [] }
      .first { $0["name"]?.string?.contains(protocolName) ?? false }
  }
}
