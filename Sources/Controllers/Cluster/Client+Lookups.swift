import CustomResources
import Kubernetes

/// What more than one reader of a cluster looks up.
extension Client {
  /// The Trials of this very experiment, but for those that are going, in no order.
  /// - Throws: `APIFailure`.
  func trials(of experiment: KubernetesObject) async throws -> [KubernetesObject] {
    let selection = Selection(
      namespace: experiment.namespace, labels: ClusterNames.trials(of: experiment.name))
    return try await list(.trials, selection).items
      .filter { $0.isOwned(by: experiment) && !$0.isBeingDeleted }
  }

  /// How a model comes into a predictor's pods; nil for a predictor without a model version.
  /// - Throws: `ModelNotBuiltError` while it can't; `APIFailure`.
  func model(
    _ reference: ModelReference?, in namespace: String?
  ) async throws -> ModelLoading? {
    guard let reference else { return nil }
    let key = ObjectKey(namespace: namespace, name: reference.version)
    let version = try await find(.modelVersions, key)
    guard let model = reference.loading(from: version) else {
      throw ModelNotBuiltError(version: key, isThere: version != nil)
    }
    return model
  }
}

/// A model version without an image.
struct ModelNotBuiltError: Error, Hashable, CustomStringConvertible {
  let version: ObjectKey
  let isThere: Bool

  /// As the reason of a condition.
  static let reason = "ModelNotBuilt"

  var description: String {
    "ModelVersion \(version) \(isThere ? "has no image yet" : "isn't there"); "
      + "it has to be built first"
  }
}
