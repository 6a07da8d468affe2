import Kubernetes
import Tuning

/// Reads an Inference. Pod templates are Kubernetes' own and are checked only where they are used.
struct InferenceReader {
  let document: Field

  /// Reports everything that is wrong; what can't be read is left out.
  func read() -> Inference {
    document.isMapping(of: ["apiVersion", "kind", "metadata", "spec", "status"])
    let metadata = document["metadata"]
    if document.document.metadata.name.isEmpty {
      metadata["name"].error("no name", needed: "give the Inference a name")
    }
    let spec = document["spec"]
    if !spec.exists { spec.error("nothing", needed: "framework and predictors are needed") }
    spec.isMapping(of: ["framework", "predictors"])
    let predictors = spec["predictors"].elements
    if spec.value?.object != nil, predictors.isEmpty {
      spec["predictors"].error("no predictors", needed: "give at least one")
    }
    return Inference(
      metadata: document.document.metadata,
      framework: spec["framework"].text ?? "",
      predictors: predictors.compactMap(predictor))
  }

  private func predictor(_ field: Field) -> Inference.Predictor? {
    let known = [
      "name", "modelVersion", "modelPath", "replicas", "trafficWeight", "template", "autoScale",
      "batching",
    ]
    guard field.isMapping(of: known) else { return nil }
    if !field["name"].exists { field["name"].error("no name", needed: "name the predictor") }
    if !field["template"].exists {
      field["template"].error("nothing", needed: "a pod template is needed")
    }
    return Inference.Predictor(
      name: field["name"].text ?? "",
      modelVersion: field["modelVersion"].text,
      modelPath: field["modelPath"].text,
      replicas: field["replicas"].integer(in: 0...Int.max),
      trafficWeight: field["trafficWeight"].integer(in: 0...Int.max),
      template: PodTemplate(field["template"].value ?? [:]),
      autoScale: field["autoScale"].value,
      batching: batching(field["batching"]))
  }

  private func batching(_ field: Field) -> Inference.Batching? {
    guard field.isMapping(of: ["batchSize", "timeoutSeconds"]) else { return nil }
    guard field["batchSize"].exists else {
      return field["batchSize"].mismatch("a whole number from 1 up is needed")
    }
    guard let batchSize = field["batchSize"].integer(in: 1...Int.max) else { return nil }
    return Inference.Batching(
      batchSize: batchSize, timeoutSeconds: field["timeoutSeconds"].integer(in: 0...Int.max))
  }
}
