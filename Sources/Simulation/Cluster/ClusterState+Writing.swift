import Kubernetes

extension ClusterState {
  mutating func create(
    _ kind: ResourceKind, _ object: KubernetesObject, owner: Owner
  ) throws(APIFailure) -> KubernetesObject {
    let operation = "create \(ObjectReference(kind, object.key))"
    let service = try service(kind, operation)
    var object = object
    try check(object, of: kind, operation)
    if object.resourceVersion?.isEmpty == false {
      throw APIFailure(
        .badRequest, operation: operation,
        message: "resourceVersion should not be set on objects to be created")
    }
    try name(&object, operation)
    if let namespace = object.namespace, objects[.namespaces]?[ObjectKey(name: namespace)] == nil {
      throw APIFailure(
        .notFound, operation: operation, message: "namespaces \"\(namespace)\" not found")
    }
    guard objects[kind]?[object.key] == nil else {
      throw APIFailure(
        .alreadyExists, operation: operation,
        message: "\(kind) \"\(object.name)\" already exists")
    }
    object = stamped(object)
    if service.hasStatus { object.status = nil }
    object.setMetadata("generation", service.countsGenerations ? .integer(1) : JSONValue?.none)
    try admit(kind, object, operation)
    noteWrite(kind, from: nil, to: &object, by: owner)
    let stored = store(kind, object, replacing: nil)
    if kind == .customResourceDefinitions { serveKinds(of: stored) }
    collectGarbage()
    return stored
  }

  /// Writes over an object; `applied` are the fields that an applied configuration has. `change`
  /// gets the present state, and gives the wanted one.
  mutating func update(
    _ kind: ResourceKind, _ key: ObjectKey, _ subresource: Subresource?, owner: Owner,
    applied: Set<JSONPointer>? = nil, operation: String, isPatch: Bool,
    _ change: (KubernetesObject) throws(APIFailure) -> KubernetesObject
  ) throws(APIFailure) -> KubernetesObject {
    let service = try service(kind, operation)
    let before = try object(kind, key, operation)
    if subresource == .scale || (subresource == .status && !service.hasStatus) {
      throw APIFailure(
        .notFound, operation: operation,
        message: "the server could not find the requested resource")
    }
    let wanted = try change(before)
    try check(wanted, of: kind, operation)
    try checkIdentity(wanted, before, service, isPatch: isPatch, operation)
    var after = before
    if subresource == .status {
      after.status = wanted.status
    } else {
      after = wanted
      for field in Self.ownedByServer {
        after.setMetadata(field, before.json["metadata"]?[field])
      }
      if service.hasStatus { after.status = before.status }
      try checkFinalizers(after, before, operation)
    }
    noteWrite(kind, from: before, to: &after, by: owner, applied: applied)
    return try finish(service, before, after, operation)
  }

  private static let ownedByServer = [
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "managedFields",
  ]

  /// What doesn't change anything makes no new version.
  private mutating func finish(
    _ service: ServedKind, _ before: KubernetesObject, _ wanted: KubernetesObject,
    _ operation: String
  ) throws(APIFailure) -> KubernetesObject {
    let kind = service.kind
    var after = wanted
    guard after != before else { return before }
    if service.countsGenerations, Self.content(before) != Self.content(after) {
      after.setMetadata("generation", .integer(before.generation + 1))
    }
    try admit(kind, after, operation)
    if after.isBeingDeleted, after.finalizers.isEmpty {
      remove(kind, after)
      after.resourceVersion = String(version)
    } else {
      after = store(kind, after, replacing: before)
      if kind == .customResourceDefinitions { serveKinds(of: after) }
    }
    collectGarbage()
    return after
  }

  /// What a generation counts the changes of.
  private static func content(_ object: KubernetesObject) -> JSONObject {
    var content = object.json.object ?? JSONObject()
    content["metadata"] = nil
    content["status"] = nil
    return content
  }
}

// MARK: - Rules

extension ClusterState {
  private func check(
    _ object: KubernetesObject, of kind: ResourceKind, _ operation: String
  ) throws(APIFailure) {
    guard object.apiVersion == kind.apiVersion, object.kind == kind.kind else {
      throw APIFailure(
        .badRequest, operation: operation,
        message: "the object is a \(object.kind) of \(object.apiVersion), not a \(kind.kind) of "
          + kind.apiVersion)
    }
    guard (object.namespace != nil) == kind.isNamespaced else {
      throw APIFailure(
        .badRequest, operation: operation,
        message: "the namespace of the object does not match the request")
    }
  }

  private mutating func name(
    _ object: inout KubernetesObject, _ operation: String
  ) throws(APIFailure) {
    if object.name.isEmpty, let prefix = object.json["metadata"]?["generateName"]?.string {
      let serial = String(lastSerial + 1, radix: 36)
      object.name = prefix + String(repeating: "0", count: max(0, 5 - serial.count)) + serial
    }
    let isValid =
      !object.name.isEmpty && object.name.utf8.count <= 253
      && object.name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
      }
    guard isValid else {
      throw invalid(
        object, operation, "metadata.name", "a lowercase RFC 1123 subdomain is needed")
    }
  }

  private func checkIdentity(
    _ wanted: KubernetesObject, _ before: KubernetesObject, _ service: ServedKind, isPatch: Bool,
    _ operation: String
  ) throws(APIFailure) {
    guard wanted.key == before.key else {
      throw APIFailure(
        .badRequest, operation: operation,
        message: "the name of the object (\(wanted.key)) does not match the name on the URL "
          + "(\(before.key))")
    }
    let version = wanted.resourceVersion ?? ""
    if version.isEmpty, service.isCustom, !isPatch {
      throw invalid(
        wanted, operation, "metadata.resourceVersion", "must be specified for an update")
    }
    let uid = wanted.uid
    guard version.isEmpty || version == before.resourceVersion, uid == nil || uid == before.uid
    else {
      throw APIFailure(
        .conflict, operation: operation,
        message: "Operation cannot be fulfilled on \(service.kind) \"\(before.name)\": the object "
          + "has been modified; please apply your changes to the latest version and try again")
    }
  }

  private func checkFinalizers(
    _ after: KubernetesObject, _ before: KubernetesObject, _ operation: String
  ) throws(APIFailure) {
    guard before.isBeingDeleted, !Set(after.finalizers).isSubset(of: before.finalizers) else {
      return
    }
    throw invalid(
      after, operation, "metadata.finalizers",
      "Forbidden: no new finalizers can be added if the object is being deleted")
  }

  private func admit(
    _ kind: ResourceKind, _ object: KubernetesObject, _ operation: String
  ) throws(APIFailure) {
    let causes = admission[kind]?(object) ?? []
    guard !causes.isEmpty else { return }
    throw APIFailure(
      .invalid(causes), operation: operation,
      message: "\(kind) \"\(object.name)\" is invalid: "
        + causes.map { "\($0.field): \($0.message)" }.joined(separator: ", "))
  }

  private func invalid(
    _ object: KubernetesObject, _ operation: String, _ field: String, _ message: String
  ) -> APIFailure {
    APIFailure(
      .invalid([.init(field: field, message: message)]), operation: operation,
      message: "\(object.kind) \"\(object.name)\" is invalid: \(field): \(message)")
  }
}
