/// KubeDL's `Inference` (`serving.kubedl.io/v1alpha1`). Pod templates are kept as they are and
/// checked by the server when pods are made of them.
enum InferenceSchema {
  static let spec = Schema.object(
    [
      "framework": Schema.text.described("TFServing, Triton or another word."),
      "predictors": .list(of: predictor, from: 1),
    ], required: ["framework", "predictors"])

  private static let predictor = Schema.object(
    [
      "name": .text(from: 1, to: 63), "modelVersion": .text, "modelPath": .text,
      "replicas": .integer(from: 0), "trafficWeight": .integer(from: 0),
      "template": .anyObject,
      "autoScale": .object(
        [
          "minReplicas": .integer(from: 0), "maxReplicas": .integer(from: 0),
          "autoScaler": .anyObject,
        ], required: ["autoScaler"]),
      "batching": .object(
        ["batchSize": .integer(from: 1), "timeoutSeconds": .integer(from: 0)],
        required: ["batchSize"]),
    ], required: ["name", "template"])

  static let status = Schema.object([
    "inferenceEndpoint": .text,
    "predictorStatuses": .list(
      of: .object(
        [
          "name": .text, "replicas": .integer(from: 0), "readyReplicas": .integer(from: 0),
          "trafficPercent": .integer(from: 0, to: 100), "endpoint": .text,
        ], required: ["name"])),
    "conditions": ExperimentStatusSchema.conditions,
  ])
}
