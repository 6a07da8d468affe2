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
