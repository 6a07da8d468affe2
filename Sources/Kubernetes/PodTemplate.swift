/// A pod template, as typed reads over its JSON.
package struct PodTemplate: Hashable, Sendable {
  package let json: JSONValue

  package init(_ json: JSONValue) { self.json = json }

  package var metadata: ObjectMeta { ObjectMeta(json["metadata"]) }
  package var containers: [Container] {
    (json["spec"]?["containers"]?.array ?? []).map(Container.init)
  }
}
