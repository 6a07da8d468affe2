/// What every object of the API server carries. The document stays as it was; this is a view.
package struct ObjectMeta: Hashable, Sendable {
  package var name: String
  package var namespace: String?
  package var labels: [String: String]
  package var annotations: [String: String]
  package var uid: String?

  package init(
    name: String, namespace: String? = nil, labels: [String: String] = [:],
    annotations: [String: String] = [:], uid: String? = nil
  ) {
    self.name = name
    self.namespace = namespace
    self.labels = labels
    self.annotations = annotations
    self.uid = uid
  }

  /// Reads the `metadata` of an object; a name that isn't there is empty.
  package init(_ metadata: JSONValue?) {
    self.init(
      name: metadata?["name"]?.scalarText ?? "",
      namespace: metadata?["namespace"]?.string,
      labels: Self.texts(metadata?["labels"]),
      annotations: Self.texts(metadata?["annotations"]),
      uid: metadata?["uid"]?.string)
  }

  private static func texts(_ value: JSONValue?) -> [String: String] {
    var result: [String: String] = [:]
    for (key, value) in value?.object?.members ?? [] { result[key] = value.scalarText }
    return result
  }
}
