import Kubernetes

extension ClusterState {
  private static let foreground = "foregroundDeletion"
  private static let orphan = "orphan"

  mutating func delete(
    _ kind: ResourceKind, _ key: ObjectKey, _ deletion: Deletion
  ) throws(APIFailure) {
    let operation = "delete \(ObjectReference(kind, key))"
    let object = try object(kind, key, operation)
    for (name, wanted, found) in [
      ("UID", deletion.uid, object.uid),
      ("ResourceVersion", deletion.resourceVersion, object.resourceVersion),
    ] where wanted != nil && wanted != found {
      throw APIFailure(
        .conflict, operation: operation,
        message: "Precondition failed: \(name) in precondition: \(wanted ?? ""), \(name) in "
          + "object meta: \(found ?? "")")
    }
    delete(kind, object, deletion.propagation)
    collectGarbage()
  }

  private mutating func delete(
    _ kind: ResourceKind, _ before: KubernetesObject, _ propagation: Deletion.Propagation
  ) {
    var object = before
    switch propagation {
    case .background: break
    case .foreground where !object.finalizers.contains(Self.foreground):
      object.finalizers.append(Self.foreground)
    case .orphan where !object.finalizers.contains(Self.orphan):
      object.finalizers.append(Self.orphan)
    case .foreground, .orphan: break
    }
    guard !object.finalizers.isEmpty else { return remove(kind, object) }
    if !object.isBeingDeleted {
      object.setMetadata("deletionTimestamp", .string(now.description))
      object.setMetadata("deletionGracePeriodSeconds", 0)
      if object.generation > 0 {
        object.setMetadata("generation", .integer(object.generation + 1))
      }
    }
    if object != before { store(kind, object, replacing: before) }
  }

  /// What the garbage collector of the controller manager does, all at once.
  mutating func collectGarbage() {
    while collectOnce() {}
  }

  /// False when there was nothing to do.
  private mutating func collectOnce() -> Bool {
    let everything = everything
    let owners = Dictionary(
      everything.compactMap { item in item.object.uid.map { ($0, item.object) } },
      uniquingKeysWith: { first, _ in first })
    for (kind, object) in everything {
      if !object.isBeingDeleted, isAbandoned(object, owners) {
        delete(kind, object, waitsForDependents(object, everything) ? .foreground : .background)
        return true
      }
      if object.isBeingDeleted, object.finalizers.contains(Self.orphan) {
        release(dependentsOf: object, everything)
        removeFinalizer(Self.orphan, kind, object)
        return true
      }
      if object.isBeingDeleted, object.finalizers.contains(Self.foreground),
        !waitsForDependents(object, everything)
      {
        removeFinalizer(Self.foreground, kind, object)
        return true
      }
    }
    return false
  }

  /// No owner is left but those that wait for their dependents to go.
  private func isAbandoned(
    _ object: KubernetesObject, _ owners: [String: KubernetesObject]
  ) -> Bool {
    let references = object.ownerReferences
    return !references.isEmpty
      && references.allSatisfy { reference in
        guard let owner = owners[reference.uid] else { return true }
        return owner.isBeingDeleted && owner.finalizers.contains(Self.foreground)
      }
  }

  private func waitsForDependents(
    _ owner: KubernetesObject, _ everything: [(kind: ResourceKind, object: KubernetesObject)]
  ) -> Bool {
    everything.contains { item in
      item.object.ownerReferences.contains { $0.uid == owner.uid && $0.blocksOwnerDeletion }
    }
  }

  private mutating func release(
    dependentsOf owner: KubernetesObject,
    _ everything: [(kind: ResourceKind, object: KubernetesObject)]
  ) {
    for (kind, before) in everything where before.isOwned(by: owner) {
      var object = before
      object.ownerReferences.removeAll { $0.uid == owner.uid }
      store(kind, object, replacing: before)
    }
  }

  private mutating func removeFinalizer(
    _ finalizer: String, _ kind: ResourceKind, _ before: KubernetesObject
  ) {
    var object = before
    object.finalizers.removeAll { $0 == finalizer }
    if object.finalizers.isEmpty {
      remove(kind, object)
    } else {
      store(kind, object, replacing: before)
    }
  }
}
