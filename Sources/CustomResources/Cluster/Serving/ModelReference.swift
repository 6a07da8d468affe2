package import Kubernetes

/// The model version that a predictor serves, as its Inference names it.
package struct ModelReference: Hashable, Sendable {
  /// Of the ModelVersion, in the Inference's namespace.
  package let version: String
  private let path: String?
  private let framework: String?

  /// Nil where the predictor names no model version.
  package init?(_ predictor: Inference.Predictor, framework: String) {
    self.init(predictor.modelVersion, path: predictor.modelPath, framework: framework)
  }

  /// Of the predictor that holds the tuned container.
  package init?(of target: TunedContainer) {
    guard let predictor = target.predictor else { return nil }
    let fields = target.document[predictor]
    self.init(
      fields?["modelVersion"]?.string, path: fields?["modelPath"]?.string,
      framework: target.document["spec"]?["framework"]?.string)
  }

  private init?(_ version: String?, path: String?, framework: String?) {
    guard let version, !version.isEmpty else { return nil }
    self.version = version
    self.path = path
    self.framework = framework
  }

  /// How the model is brought to the pods; nil while its image isn't built.
  package func loading(from modelVersion: KubernetesObject?) -> ModelLoading? {
    guard let image = modelVersion?.status?["image"]?.string, !image.isEmpty else { return nil }
    return ModelLoading(
      image: image, modelVersion: version, path: path, framework: framework)
  }
}
