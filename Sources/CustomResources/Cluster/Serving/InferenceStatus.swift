package import Kubernetes

/// The status of an Inference that we serve: KubeDL's fields, and the condition `Ready`, which
/// KubeDL's have no room for.
package struct InferenceStatus: Sendable {
  /// How a predictor is doing.
  package struct Predictor: Hashable, Sendable {
    package let name: String
    package let replicas: Int
    package let readyReplicas: Int
    /// The predictor's Service.
    package let service: String

    package init(name: String, deployment: KubernetesObject?, service: String) {
      self.name = name
      self.replicas = deployment?.status?["replicas"]?.integer ?? 0
      self.readyReplicas = deployment?.status?["readyReplicas"]?.integer ?? 0
      self.service = service
    }
  }

  private let inference: KubernetesObject
  private let service: String
  private let predictors: [Predictor]?
  private let condition: Condition

  /// - Parameter predictors: nil where the Inference can't be read; then what stands there stays.
  package init(
    of inference: KubernetesObject, service: String, predictors: [Predictor]?, isReady: Bool,
    reason: String, message: String, at now: Timestamp
  ) {
    self.inference = inference
    self.service = service
    self.predictors = predictors
    self.condition = Condition(
      "Ready", isReady ? .yes : .no, reason: reason, message: message,
      observedGeneration: inference.generation, at: now)
  }

  /// The merge patch for the status subresource; nil where nothing changes.
  package var patch: JSONValue? {
    json.mergePatch(from: inference.status).map { ["status": $0] }
  }

  private var json: JSONValue {
    var conditions = inference.conditions
    conditions.set(condition)
    return [
      "inferenceEndpoint": .string(address(service)),
      "predictorStatuses": predictors.map { .array($0.map(status)) }
        ?? inference.status?["predictorStatuses"] ?? [],
      "conditions": .array(conditions.map(\.json)),
    ]
  }

  private func status(_ predictor: Predictor) -> JSONValue {
    [
      "name": .string(predictor.name), "replicas": .integer(predictor.replicas),
      "readyReplicas": .integer(predictor.readyReplicas),
      "trafficPercent": .integer(share(of: predictor)),
      "endpoint": .string(address(predictor.service)),
    ]
  }

  /// A Service spreads connections evenly over the pods that are ready.
  private func share(of predictor: Predictor) -> Int {
    let ready = (predictors ?? []).reduce(0) { $0 + $1.readyReplicas }
    return ready == 0 ? 0 : predictor.readyReplicas * 100 / ready
  }

  private func address(_ service: String) -> String {
    [service, inference.namespace ?? "default", "svc"].joined(separator: ".")
  }
}
