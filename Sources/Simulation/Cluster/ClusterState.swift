import Kubernetes

/// What an API server knows, with its rules for every change: see "Kubernetes API Concepts" and
/// "API conventions" of the Kubernetes documentation. A value: nothing here waits or forgets by
/// itself.
struct ClusterState: Sendable {
  /// What the server knows of a kind besides its names.
  struct ServedKind: Hashable, Sendable {
    let kind: ResourceKind
    /// Whether `status` is written by itself alone.
    let hasStatus: Bool
    let countsGenerations: Bool
    /// Kinds of a CustomResourceDefinition are stricter.
    let isCustom: Bool
  }

  /// One change, as watches tell it.
  struct Entry: Hashable, Sendable {
    let version: Int
    let kind: ResourceKind
    /// Nil where the object was made.
    let before: KubernetesObject?
    /// Nil where the object was deleted.
    let after: KubernetesObject?
    /// The newest state there is, in the entry's version.
    let object: KubernetesObject
  }

  struct Owner: Hashable, Sendable {
    let manager: String
    let isApply: Bool
  }

  var services: [ResourceKind: ServedKind] = [:]
  var objects: [ResourceKind: [ObjectKey: KubernetesObject]] = [:]
  var fieldOwners: [ObjectReference: [Owner: Set<JSONPointer>]] = [:]
  var version = 100
  var history: [Entry] = []
  /// Changes up to this version were forgotten.
  var compactedVersion = 0
  /// Lists under way, by continue token.
  var snapshots: [String: Snapshot] = [:]
  var lastSerial = 0
  /// What each kind refuses.
  var admission: [ResourceKind: @Sendable (KubernetesObject) -> [APIFailure.Cause]] = [:]
  var now: Timestamp

  init(kinds: [ResourceKind], namespaces: [String], now: Timestamp) {
    self.now = now
    for kind in kinds { serve(kind) }
    for name in namespaces {
      let namespace = KubernetesObject(.namespaces, ObjectKey(name: name))
      store(.namespaces, stamped(namespace), replacing: nil)
    }
  }

  private static let withoutStatus: Set<ResourceKind> = [
    .configMaps, .serviceAccounts, .events, .leases,
  ]
  private static let countingGenerations: Set<ResourceKind> = [
    .deployments, .replicaSets, .jobs, .customResourceDefinitions,
  ]

  mutating func serve(_ kind: ResourceKind, hasStatus: Bool? = nil) {
    let isCustom = !ResourceKind.builtIn.contains(kind)
    services[kind] = ServedKind(
      kind: kind, hasStatus: hasStatus ?? !Self.withoutStatus.contains(kind),
      countsGenerations: isCustom || Self.countingGenerations.contains(kind), isCustom: isCustom)
  }
}

// MARK: - Reading

extension ClusterState {
  func service(_ kind: ResourceKind, _ operation: String) throws(APIFailure) -> ServedKind {
    guard let service = services[kind] else {
      throw APIFailure(
        .notFound, operation: operation,
        message: "the server could not find the requested resource")
    }
    return service
  }

  func object(
    _ kind: ResourceKind, _ key: ObjectKey, _ operation: String
  ) throws(APIFailure) -> KubernetesObject {
    _ = try service(kind, operation)
    guard let object = objects[kind]?[key] else {
      throw APIFailure(
        .notFound, operation: operation, message: "\(kind) \"\(key.name)\" not found")
    }
    return object
  }

  /// All objects with their kinds, in a stable order.
  var everything: [(kind: ResourceKind, object: KubernetesObject)] {
    objects.sorted { $0.key.description < $1.key.description }.flatMap { kind, objects in
      objects.sorted { $0.key < $1.key }.map { (kind, $0.value) }
    }
  }
}

// MARK: - Storing

extension ClusterState {
  /// A new object as the server makes it.
  mutating func stamped(_ object: KubernetesObject) -> KubernetesObject {
    lastSerial += 1
    var object = object
    let serial = String(lastSerial, radix: 16)
    let digits = String(repeating: "0", count: 12 - serial.count) + serial
    object.setMetadata("uid", .string("00000000-0000-4000-8000-\(digits)"))
    object.setMetadata("creationTimestamp", .string(now.description))
    object.setMetadata("deletionTimestamp", nil)
    return object
  }

  /// Keeps the object in a new version, and notes the change.
  @discardableResult
  mutating func store(
    _ kind: ResourceKind, _ object: KubernetesObject, replacing before: KubernetesObject?
  ) -> KubernetesObject {
    version += 1
    var object = object
    object.resourceVersion = String(version)
    objects[kind, default: [:]][object.key] = object
    history.append(
      Entry(version: version, kind: kind, before: before, after: object, object: object))
    return object
  }

  mutating func remove(_ kind: ResourceKind, _ object: KubernetesObject) {
    guard let before = objects[kind]?.removeValue(forKey: object.key) else { return }
    version += 1
    var last = object
    last.resourceVersion = String(version)
    fieldOwners[ObjectReference(kind, object.key)] = nil
    history.append(
      Entry(version: version, kind: kind, before: before, after: nil, object: last))
    if kind == .namespaces { removeContents(ofNamespace: object.name) }
    if kind == .customResourceDefinitions { withdraw(object) }
  }

  private mutating func removeContents(ofNamespace name: String) {
    for (kind, object) in everything where object.namespace == name { remove(kind, object) }
  }
}

// MARK: - Custom kinds

extension ClusterState {
  /// The kinds that a CustomResourceDefinition defines, and whether they have a status.
  private static func kinds(
    of definition: KubernetesObject
  ) -> [(kind: ResourceKind, hasStatus: Bool)] {
    let spec = definition.spec
    return (spec?["versions"]?.array ?? []).map { version in
      (
        ResourceKind(
          group: spec?["group"]?.string ?? "", version: version["name"]?.string ?? "",
          plural: spec?["names"]?["plural"]?.string ?? "",
          kind: spec?["names"]?["kind"]?.string ?? "",
          isNamespaced: spec?["scope"]?.string == "Namespaced"),
        version["subresources"]?["status"] != nil
      )
    }
  }

  mutating func serveKinds(of definition: KubernetesObject) {
    for (kind, hasStatus) in Self.kinds(of: definition) { serve(kind, hasStatus: hasStatus) }
  }

  private mutating func withdraw(_ definition: KubernetesObject) {
    for (kind, _) in Self.kinds(of: definition) {
      for object in objects[kind]?.values.map(\.self) ?? [] { remove(kind, object) }
      services[kind] = nil
    }
  }
}
