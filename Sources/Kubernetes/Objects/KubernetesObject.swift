/// An object of the API server: its JSON, with typed reads and writes of what all objects have.
/// Fields that nobody here knows stay untouched.
package struct KubernetesObject: Hashable, Sendable {
  package var json: JSONValue

  package init(_ json: JSONValue) { self.json = json }

  /// A new object, for `create` or `apply`.
  package init(
    _ kind: ResourceKind, _ key: ObjectKey, labels: [String: String] = [:],
    annotations: [String: String] = [:], owners: [OwnerReference] = [],
    finalizers: [String] = [], content: KeyValuePairs<String, JSONValue> = [:]
  ) {
    var members: [(String, JSONValue)] = [
      ("apiVersion", .string(kind.apiVersion)), ("kind", .string(kind.kind)),
      ("metadata", ["name": .string(key.name)]),
    ]
    members += content.map { ($0.key, $0.value) }
    self.json = .object(JSONObject(members))
    self.namespace = key.namespace
    if !labels.isEmpty { self.labels = labels }
    if !annotations.isEmpty { self.annotations = annotations }
    if !owners.isEmpty { self.ownerReferences = owners }
    if !finalizers.isEmpty { self.finalizers = finalizers }
  }

  package var apiVersion: String { json["apiVersion"]?.string ?? "" }
  package var kind: String { json["kind"]?.string ?? "" }
  package var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

  package var spec: JSONValue? {
    get { json["spec"] }
    set { set(newValue, at: ["spec"]) }
  }
  package var status: JSONValue? {
    get { json["status"] }
    set { set(newValue, at: ["status"]) }
  }
}

// MARK: - Metadata

extension KubernetesObject {
  package var metadata: ObjectMeta { ObjectMeta(json["metadata"]) }

  package var name: String {
    get { metadataText("name") ?? "" }
    set { setMetadata("name", .string(newValue)) }
  }
  package var namespace: String? {
    get { metadataText("namespace") }
    set { setMetadata("namespace", newValue.map(JSONValue.string)) }
  }
  package var uid: String? { metadataText("uid") }
  /// Opaque: only good to be given back to the API server.
  package var resourceVersion: String? {
    get { metadataText("resourceVersion") }
    set { setMetadata("resourceVersion", newValue.map(JSONValue.string)) }
  }
  /// Counts the changes of the desired state; 0 for kinds that don't count.
  package var generation: Int { json["metadata"]?["generation"]?.integer ?? 0 }
  package var creationTimestamp: Timestamp? {
    metadataText("creationTimestamp").flatMap(Timestamp.init)
  }
  /// Set once the object is to be deleted; it then goes when its finalizers are gone.
  package var deletionTimestamp: Timestamp? {
    metadataText("deletionTimestamp").flatMap(Timestamp.init)
  }
  package var isBeingDeleted: Bool { metadataText("deletionTimestamp") != nil }

  package var labels: [String: String] {
    get { texts("labels") }
    set { setTexts("labels", newValue) }
  }
  package var annotations: [String: String] {
    get { texts("annotations") }
    set { setTexts("annotations", newValue) }
  }
  package var finalizers: [String] {
    get { (json["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string) }
    set {
      setMetadata(
        "finalizers", newValue.isEmpty ? JSONValue?.none : .array(newValue.map(JSONValue.string)))
    }
  }
  package var ownerReferences: [OwnerReference] {
    get { (json["metadata"]?["ownerReferences"]?.array ?? []).map(OwnerReference.init) }
    set {
      setMetadata(
        "ownerReferences", newValue.isEmpty ? JSONValue?.none : .array(newValue.map(\.json)))
    }
  }
  /// The owner that manages the object.
  package var controller: OwnerReference? { ownerReferences.first(where: \.isController) }

  package func isOwned(by owner: KubernetesObject) -> Bool {
    owner.uid.map { uid in ownerReferences.contains { $0.uid == uid } } ?? false
  }

  /// Sets a member of `metadata`; nil removes it.
  package mutating func setMetadata(_ key: String, _ value: JSONValue?) {
    set(value, at: ["metadata", key])
  }

  private func metadataText(_ key: String) -> String? { json["metadata"]?[key]?.string }

  private func texts(_ key: String) -> [String: String] {
    let members = json["metadata"]?[key]?.object?.members ?? []
    return Dictionary(
      members.compactMap { member in member.value.scalarText.map { (member.key, $0) } },
      uniquingKeysWith: { _, last in last })
  }

  private mutating func setTexts(_ key: String, _ texts: [String: String]) {
    let members = texts.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
    setMetadata(key, texts.isEmpty ? JSONValue?.none : .object(JSONObject(members)))
  }

  /// Sets the member at a path of names, making objects on the way; nil removes it.
  package mutating func set(_ value: JSONValue?, at path: [String]) {
    json = json.setting(value, at: path[...])
  }
}

extension JSONValue {
  fileprivate func setting(_ value: JSONValue?, at path: ArraySlice<String>) -> JSONValue {
    guard let key = path.first else { return value ?? .null }
    var object = object ?? JSONObject()
    if path.count == 1 {
      object[key] = value
    } else if value != nil || object[key] != nil {
      object[key] = (object[key] ?? [:]).setting(value, at: path.dropFirst())
    }
    return .object(object)
  }
}
