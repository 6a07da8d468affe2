/// Which objects of a kind to list or watch.
package struct Selection: Hashable, Sendable {
  /// Nil for all namespaces.
  package var namespace: String?
  package var labels: LabelSelector
  /// As the query parameter `fieldSelector` has it: `metadata.name=web`.
  package var fields: String?

  package init(
    namespace: String? = nil, labels: LabelSelector = LabelSelector(), fields: String? = nil
  ) {
    self.namespace = namespace
    self.labels = labels
    self.fields = fields
  }

  /// A single object.
  package init(_ key: ObjectKey) {
    self.init(namespace: key.namespace, fields: "metadata.name=\(key.name)")
  }
}

/// One page of a list.
package struct ListQuery: Hashable, Sendable {
  package var selection: Selection
  /// Nil for everything at once.
  package var limit: Int?
  /// Where the page before left off.
  package var continueToken: String?
  /// Nil for the newest state; "0" for any state, which is cheap.
  package var resourceVersion: String?

  package init(
    _ selection: Selection = Selection(), limit: Int? = nil, continueToken: String? = nil,
    resourceVersion: String? = nil
  ) {
    self.selection = selection
    self.limit = limit
    self.continueToken = continueToken
    self.resourceVersion = resourceVersion
  }
}

/// Objects of one kind at one version.
package struct ObjectList: Hashable, Sendable {
  package var items: [KubernetesObject]
  /// From here a watch continues.
  package var resourceVersion: String
  /// Nil on the last page.
  package var continueToken: String?

  package init(
    items: [KubernetesObject], resourceVersion: String, continueToken: String? = nil
  ) {
    self.items = items
    self.resourceVersion = resourceVersion
    self.continueToken = continueToken
  }
}

/// What is to be watched, and from where.
package struct WatchQuery: Hashable, Sendable {
  package var selection: Selection
  /// Changes after this version; nil for all objects there are, as added, and then the changes.
  package var resourceVersion: String?
  /// After how long the server ends the watch; nil for when it likes.
  package var timeout: Duration?

  package init(
    _ selection: Selection = Selection(), from resourceVersion: String? = nil,
    timeout: Duration? = nil
  ) {
    self.selection = selection
    self.resourceVersion = resourceVersion
    self.timeout = timeout
  }
}

/// A part of an object that is read and written by itself.
package enum Subresource: String, Hashable, Sendable {
  case status
  case scale
}

/// A change to an object.
package enum Patch: Hashable, Sendable {
  case json(JSONPatch)
  case merge(JSONValue)
  /// Server-side apply: what the manager wants, all of it. `force` takes fields over from others.
  case apply(KubernetesObject, manager: String, force: Bool)
}

extension Patch {
  /// Sets an annotation; nil removes it.
  package static func annotation(_ name: String, _ value: String?) -> Patch {
    let annotations = JSONObject([(name, value.map(JSONValue.string) ?? .null)])
    return .merge(["metadata": ["annotations": .object(annotations)]])
  }
}

/// How an object is deleted.
package struct Deletion: Hashable, Sendable {
  package enum Propagation: String, Hashable, Sendable {
    /// The object goes at once, its dependents afterwards.
    case background = "Background"
    /// The dependents go first.
    case foreground = "Foreground"
    /// The dependents stay.
    case orphan = "Orphan"
  }

  package var propagation: Propagation
  /// Only an object with this UID is deleted.
  package var uid: String?
  /// Only the object in this version is deleted.
  package var resourceVersion: String?
  /// Nil for the object's own.
  package var gracePeriod: Duration?

  package init(
    _ propagation: Propagation = .background, uid: String? = nil, resourceVersion: String? = nil,
    gracePeriod: Duration? = nil
  ) {
    self.propagation = propagation
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.gracePeriod = gracePeriod
  }
}

/// Which part of a container's log to read.
package struct LogQuery: Hashable, Sendable {
  /// Nil where the pod has only one.
  package var container: String?
  /// The log of the container's last run instead of the present one.
  package var previous: Bool
  package var tailLines: Int?
  package var limitBytes: Int?

  package init(
    container: String? = nil, previous: Bool = false, tailLines: Int? = nil,
    limitBytes: Int? = nil
  ) {
    self.container = container
    self.previous = previous
    self.tailLines = tailLines
    self.limitBytes = limitBytes
  }
}

/// A kind that the server serves, as discovery tells.
package struct ServedResource: Hashable, Sendable {
  /// `deployments`, `deployments/status`
  package let name: String
  package let kind: String
  package let isNamespaced: Bool
  package let verbs: [String]

  package init(name: String, kind: String, isNamespaced: Bool, verbs: [String]) {
    self.name = name
    self.kind = kind
    self.isNamespaced = isNamespaced
    self.verbs = verbs
  }
}

/// The version of the API server.
package struct ServerVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  /// `v1.20.2`
  package let description: String

  package init(major: Int, minor: Int, description: String? = nil) {
    self.major = major
    self.minor = minor
    self.description = description ?? "v\(major).\(minor)"
  }

  package static func < (left: ServerVersion, right: ServerVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
  package static func == (left: ServerVersion, right: ServerVersion) -> Bool {
    (left.major, left.minor) == (right.major, right.minor)
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(major)
    hasher.combine(minor)
  }
}
