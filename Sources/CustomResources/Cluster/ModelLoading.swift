/// How a model version comes into a predictor's pod: KubeDL copies it from an image of its own
/// before the server starts.
package struct ModelLoading: Hashable, Sendable {
  /// The image that holds the model below `/kubedl-model` (`ModelVersion.status.image`).
  package let image: String
  /// Where the containers find it.
  package let path: String

  /// - Parameter path: the predictor's `modelPath`; nil for KubeDL's own place.
  package init(image: String, modelVersion: String, path: String?) {
    self.image = image
    self.path = path ?? "/kubedl-model/\(modelVersion)"
  }
}
