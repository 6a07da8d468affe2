package import Kubernetes

/// KubeDL's `Inference` (`serving.kubedl.io/v1alpha1`): a model served by predictors.
package struct Inference: Hashable, Sendable {
  package struct Predictor: Hashable, Sendable {
    package let name: String
    package let modelVersion: String?
    package let modelPath: String?
    package let replicas: Int?
    package let trafficWeight: Int?
    package let template: PodTemplate
    package let autoScale: JSONValue?
    package let batching: Batching?
  }

  package struct Batching: Hashable, Sendable {
    package let batchSize: Int
    package let timeoutSeconds: Int?
  }

  package let metadata: ObjectMeta
  /// `TFServing`, `Triton` or another word.
  package let framework: String
  package let predictors: [Predictor]
}

extension Inference {
  /// The Inference of a live object, and every problem found.
  package static func decode(
    _ object: KubernetesObject
  ) -> (inference: Inference, diagnostics: Diagnostics) {
    let log = ProblemLog()
    let document = Field(Document(object), log: log)
    let inference = InferenceReader(document: document).read()
    var names: Set<String> = []
    for (index, predictor) in inference.predictors.enumerated()
    where !names.insert(predictor.name).inserted {
      document["spec"]["predictors"][index]["name"].error(
        "\"\(predictor.name)\" again", needed: "give every predictor a name of its own")
    }
    return (inference, log.diagnostics)
  }
}
