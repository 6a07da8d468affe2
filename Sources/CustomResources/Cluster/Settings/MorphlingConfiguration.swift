package import Kubernetes

/// Where settings come from: the ConfigMap `morphling-config` in the daemon's namespace, one of the
/// same name in the Inference's namespace, and annotations on the Inference. Later ones win, key by
/// key.
package enum MorphlingConfiguration {
  package static let name = "morphling-config"

  /// The ConfigMap that is installed: every setting with its default.
  package static func configMap(namespace: String, image: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "labels": ManifestLabels.json,
      ],
      "data": .object(JSONObject(defaults + [("image", .string(image))])),
    ]
  }

  private static let defaults: [(String, JSONValue)] = [
    ("tuning", "on"), ("mode", "Propose"), ("slo", "p99=200ms,error-rate=1%"),
    ("objective", "maximize throughput_rps / cost"), ("budget", "20%"), ("parallelism", "1"),
    ("progress-deadline", "120s"), ("trial-deadline", "900s"), ("attempts", "3"),
    ("quota", "trials=2"),
    (
      "cost",
      """
      - {resource: cpu, pricePerHour: 0.04, per: "1"}
      - {resource: memory, pricePerHour: 0.005, per: 1Gi}
      """
    ),
  ]

  /// The settings of an Inference, and every problem of what they come from. A setting with a
  /// problem keeps the value that it had before.
  /// - Parameters:
  ///   - cluster: the ConfigMap in the daemon's namespace.
  ///   - namespace: the one in the Inference's namespace.
  package static func settings(
    of inference: KubernetesObject, cluster: KubernetesObject?, namespace: KubernetesObject? = nil
  ) -> (settings: InferenceSettings, diagnostics: Diagnostics) {
    let log = ProblemLog()
    let framework = inference.spec?["framework"]?.scalarText ?? ""
    var reader = SettingsReader(framework: framework, log: log)
    if let cluster { reader.read(Field(Document(cluster), log: log)["data"], of: .cluster) }
    // The daemon's own namespace has one ConfigMap for both.
    if let namespace, namespace.key != cluster?.key {
      reader.read(Field(Document(namespace), log: log)["data"], of: .namespace)
    }
    let annotations = Field(Document(inference), log: log)["metadata"]["annotations"]
    reader.read(annotations, of: .inference)
    return (reader.settings, log.diagnostics)
  }
}
