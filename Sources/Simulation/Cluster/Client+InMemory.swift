package import Kubernetes

extension Client {
  /// A server in memory: every call reaches it at once, and none is tried again.
  package static func inMemory(
    _ server: InMemoryAPIServer, manager: String = "morphling"
  ) -> Client {
    Client(
      getObject: { kind, key, subresource in
        try await server.perform(.get, kind, key) { (cluster) throws(APIFailure) in
          try cluster.object(kind, key, "get \(ObjectReference(kind, key))")
        }
      },
      listPage: { kind, query in
        try await server.perform(.list, kind, query.selection.place) {
          (cluster) throws(APIFailure) in
          try cluster.list(kind, query)
        }
      },
      openWatch: { server.watch($0, $1) },
      createObject: { kind, object, manager in
        try await server.perform(.create, kind, object.key) { (cluster) throws(APIFailure) in
          try cluster.create(
            kind, object, owner: .init(manager: manager ?? "unknown", isApply: false))
        }
      },
      replaceObject: { kind, object, subresource, manager in
        try await server.perform(.replace, kind, object.key) { (cluster) throws(APIFailure) in
          try cluster.update(
            kind, object.key, subresource,
            owner: .init(manager: manager ?? "unknown", isApply: false),
            operation: "replace \(ObjectReference(kind, object.key))", isPatch: false
          ) { _ in object }
        }
      },
      patchObject: { kind, key, patch, subresource, manager in
        try await server.perform(.patch, kind, key) { (cluster) throws(APIFailure) in
          try cluster.patch(kind, key, patch, subresource, manager: manager ?? "unknown")
        }
      },
      deleteObject: { kind, key, deletion in
        try await server.perform(.delete, kind, key) { (cluster) throws(APIFailure) in
          try cluster.delete(kind, key, deletion)
        }
      },
      readLogs: { try await server.log(of: $0, $1) },
      evictPod: { pod in
        try await server.perform(.evict, .pods, pod) { (cluster) throws(APIFailure) in
          try cluster.delete(.pods, pod, Deletion())
        }
      },
      readServerVersion: { try await server.serverVersion() },
      readResources: { apiVersion in
        try await server.perform(.discovery, .pods, ObjectKey(name: "")) {
          (cluster) throws(APIFailure) in
          try cluster.resources(of: apiVersion)
        }
      },
      manager: manager)
  }
}

extension Selection {
  fileprivate var place: ObjectKey { ObjectKey(namespace: namespace, name: "") }
}

extension ClusterState {
  fileprivate func resources(of apiVersion: String) throws(APIFailure) -> [ServedResource] {
    let verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    let served = services.values.filter { $0.kind.apiVersion == apiVersion }
    guard !served.isEmpty else {
      throw APIFailure(
        .notFound, operation: "read the resources of \(apiVersion)",
        message: "the server could not find the requested resource")
    }
    return served.sorted { $0.kind.plural < $1.kind.plural }.flatMap { service in
      [service.kind.plural, service.hasStatus ? service.kind.plural + "/status" : nil]
        .compactMap(\.self).map {
          ServedResource(
            name: $0, kind: service.kind.kind, isNamespaced: service.kind.isNamespaced,
            verbs: verbs)
        }
    }
  }
}
