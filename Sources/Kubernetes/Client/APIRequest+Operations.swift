// The API server's URLs and bodies: Kubernetes documentation, "Kubernetes API Concepts".

extension APIRequest {
  static func path(
    _ kind: ResourceKind, namespace: String?, name: String? = nil, subresource: String? = nil
  ) -> String {
    var path = kind.groupPath
    if kind.isNamespaced, let namespace { path += "/namespaces/" + escaped(namespace) }
    path += "/" + kind.plural
    if let name { path += "/" + escaped(name) }
    if let subresource { path += "/" + subresource }
    return path
  }

  static func get(
    _ kind: ResourceKind, _ key: ObjectKey, _ subresource: Subresource?
  ) -> APIRequest {
    APIRequest(
      method: .get, path: path(kind, key, subresource),
      operation: "get \(ObjectReference(kind, key))", isIdempotent: true)
  }

  static func list(_ kind: ResourceKind, _ query: ListQuery) -> APIRequest {
    var request = APIRequest(
      method: .get, path: path(kind, namespace: query.selection.namespace),
      operation: "list \(place(kind, query.selection))", isIdempotent: true)
    request.select(query.selection)
    request.add("limit", query.limit.map(String.init))
    request.add("continue", query.continueToken)
    // A continue token has a version of its own.
    if query.continueToken == nil { request.add("resourceVersion", query.resourceVersion) }
    return request
  }

  static func watch(_ kind: ResourceKind, _ query: WatchQuery) -> APIRequest {
    var request = APIRequest(
      method: .get, path: path(kind, namespace: query.selection.namespace),
      operation: "watch \(place(kind, query.selection))", isIdempotent: true)
    request.add("watch", "true")
    request.add("allowWatchBookmarks", "true")
    request.select(query.selection)
    request.add("resourceVersion", query.resourceVersion)
    let timeout = query.timeout ?? .seconds(300)
    request.add("timeoutSeconds", String(max(1, timeout.components.seconds)))
    // The server ends it first, if it lives.
    request.timeout = timeout + .seconds(30)
    return request
  }

  static func create(
    _ kind: ResourceKind, _ object: KubernetesObject, manager: String?
  ) -> APIRequest {
    var request = APIRequest(
      method: .post, path: path(kind, namespace: object.namespace),
      operation: "create \(ObjectReference(kind, object.key))",
      // A name that the server makes up is another one each time.
      isIdempotent: !object.name.isEmpty)
    request.body = Array(JSONText.encode(object.json).utf8)
    request.add("fieldManager", manager)
    return request
  }

  static func replace(
    _ kind: ResourceKind, _ object: KubernetesObject, _ subresource: Subresource?,
    manager: String?
  ) -> APIRequest {
    var request = APIRequest(
      method: .put, path: path(kind, object.key, subresource),
      operation: "replace \(ObjectReference(kind, object.key))", isIdempotent: true)
    request.body = Array(JSONText.encode(object.json).utf8)
    request.add("fieldManager", manager)
    return request
  }

  static func patch(
    _ kind: ResourceKind, _ key: ObjectKey, _ patch: Patch, _ subresource: Subresource?,
    manager: String?
  ) -> APIRequest {
    var request = APIRequest(
      method: .patch, path: path(kind, key, subresource),
      operation: "patch \(ObjectReference(kind, key))", isIdempotent: true)
    let body: JSONValue
    switch patch {
    case .json(let changes):
      body = changes.json
      request.contentType = "application/json-patch+json"
      // To insert into a list twice is not the same as once.
      request.isIdempotent = false
      request.add("fieldManager", manager)
    case .merge(let changes):
      body = changes
      request.contentType = "application/merge-patch+json"
      request.add("fieldManager", manager)
    case .apply(let object, let manager, let force):
      body = object.json
      request.contentType = "application/apply-patch+yaml"
      request.add("fieldManager", manager)
      request.add("force", force ? "true" : "false")
    }
    request.body = Array(JSONText.encode(body).utf8)
    return request
  }

  static func delete(_ kind: ResourceKind, _ key: ObjectKey, _ deletion: Deletion) -> APIRequest {
    var options = JSONObject([
      ("apiVersion", "v1"), ("kind", "DeleteOptions"),
      ("propagationPolicy", .string(deletion.propagation.rawValue)),
    ])
    if let grace = deletion.gracePeriod {
      options["gracePeriodSeconds"] = .integer(Int(grace.components.seconds))
    }
    var preconditions = JSONObject()
    preconditions["uid"] = deletion.uid.map(JSONValue.string)
    preconditions["resourceVersion"] = deletion.resourceVersion.map(JSONValue.string)
    if !preconditions.isEmpty { options["preconditions"] = .object(preconditions) }
    return APIRequest(
      method: .delete, path: path(kind, key, nil),
      body: Array(JSONText.encode(.object(options)).utf8),
      operation: "delete \(ObjectReference(kind, key))", isIdempotent: true)
  }

  static func logs(of pod: ObjectKey, _ query: LogQuery) -> APIRequest {
    var request = APIRequest(
      method: .get,
      path: path(.pods, namespace: pod.namespace, name: pod.name, subresource: "log"),
      operation: "read the log of \(ObjectReference(.pods, pod))", isIdempotent: true)
    request.add("container", query.container)
    request.add("previous", query.previous ? "true" : nil)
    request.add("tailLines", query.tailLines.map(String.init))
    request.add("limitBytes", query.limitBytes.map(String.init))
    return request
  }

  /// `apiVersion` is `policy/v1`, or `policy/v1beta1` before Kubernetes 1.22.
  static func evict(_ pod: ObjectKey, apiVersion: String) -> APIRequest {
    let eviction: JSONValue = [
      "apiVersion": .string(apiVersion), "kind": "Eviction",
      "metadata": ["name": .string(pod.name), "namespace": .string(pod.namespace ?? "")],
    ]
    return APIRequest(
      method: .post,
      path: path(.pods, namespace: pod.namespace, name: pod.name, subresource: "eviction"),
      body: Array(JSONText.encode(eviction).utf8),
      operation: "evict \(ObjectReference(.pods, pod))", isIdempotent: true)
  }

  static let serverVersion = APIRequest(
    method: .get, path: "/version", operation: "read the server's version", isIdempotent: true)

  static func resources(of apiVersion: String) -> APIRequest {
    APIRequest(
      method: .get, path: ResourceKind.groupPath(of: apiVersion),
      operation: "read the resources of \(apiVersion)", isIdempotent: true)
  }
}

extension APIRequest {
  private static func path(
    _ kind: ResourceKind, _ key: ObjectKey, _ subresource: Subresource?
  ) -> String {
    path(kind, namespace: key.namespace, name: key.name, subresource: subresource?.rawValue)
  }

  private static func place(_ kind: ResourceKind, _ selection: Selection) -> ObjectReference {
    ObjectReference(kind, ObjectKey(namespace: selection.namespace, name: ""))
  }

  private mutating func add(_ name: String, _ value: String?) {
    if let value { query.append(Parameter(name: name, value: value)) }
  }

  private mutating func select(_ selection: Selection) {
    add("labelSelector", selection.labels.requirements.isEmpty ? nil : "\(selection.labels)")
    add("fieldSelector", selection.fields)
  }
}
