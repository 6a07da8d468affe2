/// What names an object among those of its kind.
package struct ObjectKey: Hashable, Sendable {
  /// Nil for kinds that stand outside of namespaces.
  package let namespace: String?
  package let name: String

  package init(namespace: String? = nil, name: String) {
    self.namespace = namespace
    self.name = name
  }
}

extension ObjectKey: CustomStringConvertible, Comparable {
  /// `namespace/name`
  package var description: String { namespace.map { "\($0)/\(name)" } ?? name }

  package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
  }
}

/// One object, or with an empty name all of a kind, for messages: `pods demo/web`.
package struct ObjectReference: Hashable, Sendable, CustomStringConvertible {
  package let kind: ResourceKind
  package let key: ObjectKey

  package init(_ kind: ResourceKind, _ key: ObjectKey) {
    self.kind = kind
    self.key = key
  }

  package var description: String {
    switch (key.namespace, key.name) {
    case (nil, ""): "\(kind)"
    case (let namespace?, ""): "\(kind) in \(namespace)"
    default: "\(kind) \(key)"
    }
  }
}
