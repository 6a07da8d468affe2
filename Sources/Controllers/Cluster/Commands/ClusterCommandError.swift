package import CustomResources
package import Kubernetes

/// Why what a user asked of a cluster can't be done.
package enum ClusterCommandError: Error, Hashable, CustomStringConvertible {
  /// With the names that there are in the namespace.
  case notFound(ResourceKind, ObjectKey, known: [String])
  /// The API server doesn't serve the kind.
  case notInstalled(ResourceKind)
  /// What is asked for, or what stands in the cluster, isn't right.
  case invalid(Diagnostics)
  /// There is another experiment of that name.
  case taken(ObjectKey)
  /// No recommendation was written into the Inference, or into this predictor; with the predictors
  /// that one was written into.
  case nothingWritten(ObjectKey, predictor: String?, known: [String])

  package var description: String {
    switch self {
    case .notFound(let kind, let key, let known):
      let needed =
        known.isEmpty
        ? "there is none in that namespace: see --namespace"
        : Spelling.hint(key.name, among: known)
      return "\(kind.kind) \(key): not in the cluster; \(needed)"
    case .notInstalled(let kind):
      return "cluster: the kind \(kind.kind) is not installed; install it with "
        + "morphling manifests \(kind == .inferences ? "inference-crd" : "crds")"
        + " | kubectl apply -f -"
    case .invalid(let diagnostics): return diagnostics.description
    case .taken(let key):
      return "ProfilingExperiment \(key): there already, with another spec; give yours another "
        + "name, or delete it with kubectl -n \(key.namespace ?? "default") delete pe \(key.name)"
    case .nothingWritten(let key, let predictor, let known):
      guard let predictor, !known.isEmpty else {
        return "Inference \(key): no recommendation was written into it; there is nothing to roll "
          + "back"
      }
      return "Inference \(key): no recommendation was written into predictor \(predictor); "
        + Spelling.hint(predictor, among: known)
    }
  }
}

extension Client {
  /// The object of a user's words.
  /// - Throws: `ClusterCommandError` with what there is instead.
  func named(_ kind: ResourceKind, _ key: ObjectKey) async throws -> KubernetesObject {
    if let object = try await find(kind, key) { return object }
    let known = try await all(kind, in: key.namespace).map(\.name)
    throw ClusterCommandError.notFound(kind, key, known: known)
  }

  /// All objects of a kind, in all namespaces for nil.
  /// - Throws: `ClusterCommandError.notInstalled` where the kind isn't served.
  package func all(
    _ kind: ResourceKind, in namespace: String?
  ) async throws -> [KubernetesObject] {
    do {
      return try await list(kind, Selection(namespace: namespace)).items
    } catch let failure as APIFailure where failure.reason == .notFound {
      throw ClusterCommandError.notInstalled(kind)
    }
  }
}
