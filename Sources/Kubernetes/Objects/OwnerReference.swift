/// The object on which another one depends: it is deleted once all its owners are gone.
package struct OwnerReference: Hashable, Sendable {
  package let apiVersion: String
  package let kind: String
  package let name: String
  package let uid: String
  /// Whether the owner manages the object; of one object at most one owner does.
  package let isController: Bool
  /// Whether a foreground deletion of the owner waits for the object.
  package let blocksOwnerDeletion: Bool

  package init(
    apiVersion: String, kind: String, name: String, uid: String, isController: Bool = true,
    blocksOwnerDeletion: Bool = true
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.isController = isController
    self.blocksOwnerDeletion = blocksOwnerDeletion
  }

  /// A reference to an object as its controller; nil for one that the API server hasn't seen.
  package init?(controller object: KubernetesObject) {
    guard let uid = object.uid else { return nil }
    self.init(
      apiVersion: object.apiVersion, kind: object.kind, name: object.name, uid: uid)
  }

  init(_ json: JSONValue) {
    self.init(
      apiVersion: json["apiVersion"]?.string ?? "", kind: json["kind"]?.string ?? "",
      name: json["name"]?.string ?? "", uid: json["uid"]?.string ?? "",
      isController: json["controller"] == .bool(true),
      blocksOwnerDeletion: json["blockOwnerDeletion"] == .bool(true))
  }

  package var json: JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
      "uid": .string(uid), "controller": .bool(isController),
      "blockOwnerDeletion": .bool(blocksOwnerDeletion),
    ]
  }
}
