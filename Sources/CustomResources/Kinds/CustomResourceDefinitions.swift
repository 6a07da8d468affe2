package import Kubernetes

/// What the API server has to know of our kinds, as `CustomResourceDefinition` objects.
package enum CustomResourceDefinitions {
  /// `ProfilingExperiment` and `Trial`.
  /// - Parameter version: a server from 1.25 on also gets rules on what may change.
  package static func all(serverVersion version: ServerVersion = .oldest) -> [JSONValue] {
    [profilingExperiment(version), trial(version)]
  }

  /// KubeDL's `Inference` with its names and field paths, for clusters without KubeDL.
  package static func inference() -> JSONValue {
    definition(
      .inferences, singular: "inference",
      spec: InferenceSchema.spec, status: InferenceSchema.status,
      columns: [
        column("Framework", ".spec.framework"),
        column("Endpoint", ".status.inferenceEndpoint"), age,
      ])
  }

  private static func profilingExperiment(_ version: ServerVersion) -> JSONValue {
    definition(
      .profilingExperiments, singular: "profilingexperiment", shortName: "pe",
      spec: ExperimentSchema(version: version).spec, status: ExperimentStatusSchema.status,
      columns: [
        column("Target", ".spec.targetRef.name"),
        column("Phase", ".status.phase"),
        column("Trials", ".status.trialsTotal", "integer"),
        column("Limit", ".status.trialsLimit", "integer"),
        column("Best", ".status.currentOptimalTrial.objectiveMetricsObserved[0].value"),
        column("Recommended", ".status.recommendation.summary"),
        column("Objective", ".spec.objective.objectiveMetricName", isWide: true),
        column("Message", ".status.conditions[-1:].message", isWide: true), age,
      ])
  }

  private static func trial(_ version: ServerVersion) -> JSONValue {
    definition(
      .trials, singular: "trial", shortName: "mt",
      spec: TrialSchema.spec(version), status: TrialSchema.status,
      columns: [
        column("Ordinal", ".spec.ordinal", "integer"),
        column("Phase", ".status.phase"),
        column("Objective", ".status.trialResult.objectiveMetricsObserved[0].value"),
        column("Configuration", ".spec.configuration"),
        column("Reason", ".status.reason"),
        column("Attempt", ".spec.attempt", "integer", isWide: true), age,
      ])
  }

  private static func definition(
    _ kind: ResourceKind, singular: String, shortName: String? = nil, spec: Schema,
    status: Schema, columns: [JSONValue]
  ) -> JSONValue {
    var names = JSONObject([
      ("plural", .string(kind.plural)), ("singular", .string(singular)),
      ("kind", .string(kind.kind)), ("listKind", .string(kind.kind + "List")),
      ("categories", ["morphling"]),
    ])
    names["shortNames"] = shortName.map { [.string($0)] }
    let schema = Schema.object(
      [
        "apiVersion": .text, "kind": .text, "metadata": .object([]).with("properties", nil),
        "spec": spec, "status": status,
      ], required: ["spec"])
    return [
      "apiVersion": "apiextensions.k8s.io/v1",
      "kind": "CustomResourceDefinition",
      "metadata": [
        "name": .string(kind.description), "labels": ManifestLabels.json,
      ],
      "spec": [
        "group": .string(kind.group), "names": .object(names), "scope": "Namespaced",
        "versions": [
          [
            "name": .string(kind.version), "served": true, "storage": true,
            "schema": ["openAPIV3Schema": schema.json],
            "subresources": ["status": [:]],
            "additionalPrinterColumns": .array(columns),
          ]
        ],
      ],
    ]
  }

  private static let age = column("Age", ".metadata.creationTimestamp", "date")

  private static func column(
    _ name: String, _ path: String, _ type: String = "string", isWide: Bool = false
  ) -> JSONValue {
    var column = JSONObject([
      ("name", .string(name)), ("type", .string(type)), ("jsonPath", .string(path)),
    ])
    if isWide { column["priority"] = 1 }
    return .object(column)
  }
}
