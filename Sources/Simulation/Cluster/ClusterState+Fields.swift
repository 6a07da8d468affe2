import Kubernetes

// Who set which field, for server-side apply. Simpler than the real thing in one respect: a list
// is one field, also where the real server tells its items apart by a key.

extension ClusterState {
  /// The object with an applied configuration merged in, or the conflict with other managers.
  func applying(
    _ configuration: KubernetesObject, to live: KubernetesObject, _ kind: ResourceKind,
    by owner: Owner, force: Bool, _ operation: String
  ) throws(APIFailure) -> KubernetesObject {
    let owners = fieldOwners[ObjectReference(kind, live.key)] ?? [:]
    let wanted = Self.fields(of: configuration)
    var conflicts: [(Owner, JSONPointer)] = []
    for (other, fields) in owners where other != owner {
      for field in fields.intersection(wanted)
      where live.json[field] != configuration.json[field] {
        conflicts.append((other, field))
      }
    }
    guard force || conflicts.isEmpty else {
      let fields = conflicts.map { Self.dotted($0.1) }.sorted()
      throw APIFailure(
        .conflict, operation: operation,
        message: "Apply failed with \(conflicts.count) conflict(s): conflicts with "
          + conflicts.map { "\"\($0.0.manager)\"" }.sorted().joined(separator: ", ") + ": "
          + fields.joined(separator: ", "))
    }
    var result = live
    result.json = Self.merged(configuration.json, over: live.json)
    let othersFields = owners.filter { $0.key != owner }.values.reduce(into: Set()) {
      $0.formUnion($1)
    }
    for field in (owners[owner] ?? []).subtracting(wanted).subtracting(othersFields) {
      result.set(nil, at: field.tokens)
    }
    result.resourceVersion = configuration.resourceVersion ?? live.resourceVersion
    return result
  }

  /// Notes who owns which fields after a write, also in the object's `managedFields`.
  mutating func noteWrite(
    _ kind: ResourceKind, from before: KubernetesObject?, to after: inout KubernetesObject,
    by owner: Owner, applied: Set<JSONPointer>? = nil
  ) {
    let reference = ObjectReference(kind, after.key)
    var owners = fieldOwners[reference] ?? [:]
    let present = Self.fields(of: after)
    let changed = present.filter { before?.json[$0] != after.json[$0] }
    for other in owners.keys {
      // What was written over, or is gone, is nobody's any more.
      owners[other]?.subtract(other == owner ? [] : changed)
      owners[other]?.formIntersection(present)
    }
    let own = applied ?? owners[owner, default: []].union(changed)
    owners[owner] = own.intersection(present)
    owners = owners.filter { !$0.value.isEmpty }
    fieldOwners[reference] = owners
    let entries = owners.sorted {
      ($0.key.manager, $0.key.isApply ? 0 : 1) < ($1.key.manager, $1.key.isApply ? 0 : 1)
    }
    after.setMetadata(
      "managedFields",
      .array(entries.map { Self.entry(of: $0.key, $0.value, kind) }))
  }

  static func fields(of object: KubernetesObject) -> Set<JSONPointer> {
    var result: Set<JSONPointer> = []
    for (key, value) in object.json.object?.members ?? [] {
      switch key {
      case "apiVersion", "kind": break
      case "metadata":
        for part in ["labels", "annotations", "finalizers", "ownerReferences"] {
          if let value = value[part] { collect(value, JSONPointer([key, part]), &result) }
        }
      default: collect(value, JSONPointer([key]), &result)
      }
    }
    return result
  }

  private static func collect(
    _ value: JSONValue, _ place: JSONPointer, _ result: inout Set<JSONPointer>
  ) {
    guard let members = value.object?.members, !members.isEmpty else {
      result.insert(place)
      return
    }
    for (key, value) in members { collect(value, place.appending(key), &result) }
  }

  private static func merged(_ new: JSONValue, over old: JSONValue?) -> JSONValue {
    guard let members = new.object?.members, var result = old?.object else { return new }
    for (key, value) in members { result[key] = merged(value, over: result[key]) }
    return .object(result)
  }

  private static func entry(
    of owner: Owner, _ fields: Set<JSONPointer>, _ kind: ResourceKind
  ) -> JSONValue {
    var tree = KubernetesObject([:])
    for field in fields.sorted(by: { $0.description < $1.description }) {
      tree.set([:], at: field.tokens.map { "f:" + $0 })
    }
    return [
      "manager": .string(owner.manager), "operation": owner.isApply ? "Apply" : "Update",
      "apiVersion": .string(kind.apiVersion), "fieldsType": "FieldsV1", "fieldsV1": tree.json,
    ]
  }

  private static func dotted(_ field: JSONPointer) -> String {
    field.tokens.map { "." + $0 }.joined()
  }
}
