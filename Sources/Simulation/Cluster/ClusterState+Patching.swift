import Kubernetes

extension ClusterState {
  mutating func patch(
    _ kind: ResourceKind, _ key: ObjectKey, _ patch: Patch, _ subresource: Subresource?,
    manager: String
  ) throws(APIFailure) -> KubernetesObject {
    let operation = "patch \(ObjectReference(kind, key))"
    let writer = Owner(manager: manager, isApply: false)
    switch patch {
    case .json(let changes):
      return try update(
        kind, key, subresource, owner: writer, operation: operation, isPatch: true
      ) { (present) throws(APIFailure) in
        do {
          return KubernetesObject(try changes.applied(to: present.json))
        } catch {
          throw APIFailure(
            .invalid([]), operation: operation,
            message: "the server rejected our request due to an error in our request: \(error)")
        }
      }
    case .merge(let changes):
      return try update(
        kind, key, subresource, owner: writer, operation: operation, isPatch: true
      ) { KubernetesObject(MergePatch.apply(changes, to: $0.json)) }
    case .apply(let configuration, let manager, let force):
      return try apply(
        kind, key, configuration, subresource, Owner(manager: manager, isApply: true), force,
        operation)
    }
  }

  private mutating func apply(
    _ kind: ResourceKind, _ key: ObjectKey, _ configuration: KubernetesObject,
    _ subresource: Subresource?, _ owner: Owner, _ force: Bool, _ operation: String
  ) throws(APIFailure) -> KubernetesObject {
    guard configuration.json["metadata"]?["managedFields"] == nil else {
      throw APIFailure(
        .badRequest, operation: operation, message: "metadata.managedFields must be nil")
    }
    var configuration = configuration
    let isStatus = subresource == .status
    if services[kind]?.hasStatus == true, !isStatus { configuration.status = nil }
    if objects[kind]?[key] == nil, !isStatus {
      return try create(kind, configuration, owner: owner)
    }
    let live = try object(kind, key, operation)
    let wanted = try applying(
      configuration, to: live, kind, by: owner, force: force, operation)
    let applied = Self.fields(of: configuration)
    return try update(
      kind, key, subresource, owner: owner, applied: applied, operation: operation, isPatch: true
    ) { _ in wanted }
  }
}
