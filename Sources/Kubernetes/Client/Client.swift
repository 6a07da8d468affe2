/// The API server, as a value: live over a connection, or in memory.
///
/// The closures throw `APIFailure`, and `CancellationError` when the task is cancelled; the methods
/// below them are what callers use.
package struct Client: Sendable {
  package typealias Manager = String

  package var getObject:
    @Sendable (ResourceKind, ObjectKey, Subresource?) async throws -> KubernetesObject
  package var listPage: @Sendable (ResourceKind, ListQuery) async throws -> ObjectList
  package var openWatch:
    @Sendable (ResourceKind, WatchQuery) -> AsyncThrowingStream<WatchEvent, any Error>
  package var createObject:
    @Sendable (ResourceKind, KubernetesObject, Manager?) async throws -> KubernetesObject
  package var replaceObject:
    @Sendable (ResourceKind, KubernetesObject, Subresource?, Manager?) async throws ->
      KubernetesObject
  package var patchObject:
    @Sendable (ResourceKind, ObjectKey, Patch, Subresource?, Manager?) async throws ->
      KubernetesObject
  package var deleteObject: @Sendable (ResourceKind, ObjectKey, Deletion) async throws -> Void
  package var readLogs: @Sendable (ObjectKey, LogQuery) async throws -> String
  package var evictPod: @Sendable (ObjectKey) async throws -> Void
  package var readServerVersion: @Sendable () async throws -> ServerVersion
  package var readResources: @Sendable (_ apiVersion: String) async throws -> [ServedResource]

  /// Who writes, for the objects' `managedFields`.
  package var manager: Manager?

  package init(
    getObject:
      @escaping @Sendable (ResourceKind, ObjectKey, Subresource?) async throws -> KubernetesObject,
    listPage: @escaping @Sendable (ResourceKind, ListQuery) async throws -> ObjectList,
    openWatch:
      @escaping @Sendable (ResourceKind, WatchQuery) -> AsyncThrowingStream<WatchEvent, any Error>,
    createObject:
      @escaping @Sendable (ResourceKind, KubernetesObject, Manager?) async throws ->
      KubernetesObject,
    replaceObject:
      @escaping @Sendable (ResourceKind, KubernetesObject, Subresource?, Manager?) async throws ->
      KubernetesObject,
    patchObject:
      @escaping @Sendable (ResourceKind, ObjectKey, Patch, Subresource?, Manager?) async throws ->
      KubernetesObject,
    deleteObject: @escaping @Sendable (ResourceKind, ObjectKey, Deletion) async throws -> Void,
    readLogs: @escaping @Sendable (ObjectKey, LogQuery) async throws -> String,
    evictPod: @escaping @Sendable (ObjectKey) async throws -> Void,
    readServerVersion: @escaping @Sendable () async throws -> ServerVersion,
    readResources: @escaping @Sendable (_ apiVersion: String) async throws -> [ServedResource],
    manager: Manager? = nil
  ) {
    self.getObject = getObject
    self.listPage = listPage
    self.openWatch = openWatch
    self.createObject = createObject
    self.replaceObject = replaceObject
    self.patchObject = patchObject
    self.deleteObject = deleteObject
    self.readLogs = readLogs
    self.evictPod = evictPod
    self.readServerVersion = readServerVersion
    self.readResources = readResources
    self.manager = manager
  }
}

// MARK: - Reading

extension Client {
  package func get(
    _ kind: ResourceKind, _ key: ObjectKey, subresource: Subresource? = nil
  ) async throws -> KubernetesObject {
    try await getObject(kind, key, subresource)
  }

  package func get(
    _ kind: ResourceKind, _ name: String, in namespace: String? = nil
  ) async throws -> KubernetesObject {
    try await getObject(kind, ObjectKey(namespace: namespace, name: name), nil)
  }

  /// The object; nil where there is none.
  package func find(_ kind: ResourceKind, _ key: ObjectKey) async throws -> KubernetesObject? {
    do {
      return try await getObject(kind, key, nil)
    } catch let failure as APIFailure where failure.reason == .notFound {
      return nil
    }
  }

  /// All objects selected, as they were at one version. They come in pages of at most `pageLimit`;
  /// when the version expires on the way, it starts again, and in the end asks for all at once.
  package func list(
    _ kind: ResourceKind, _ selection: Selection = Selection(), pageLimit: Int? = 500
  ) async throws -> ObjectList {
    for limit in [pageLimit, pageLimit, nil] {
      do {
        return try await list(kind, selection, inPagesOf: limit)
      } catch let failure as APIFailure where failure.reason == .expired && limit != nil {
        continue
      }
    }
    return try await list(kind, selection, inPagesOf: nil)
  }

  private func list(
    _ kind: ResourceKind, _ selection: Selection, inPagesOf limit: Int?
  ) async throws -> ObjectList {
    var query = ListQuery(selection, limit: limit)
    var result = try await listPage(kind, query)
    while let token = result.continueToken, !token.isEmpty {
      query.continueToken = token
      let page = try await listPage(kind, query)
      result.items += page.items
      result.resourceVersion = page.resourceVersion
      result.continueToken = page.continueToken
    }
    result.continueToken = nil
    return result
  }

  /// Events until the server ends the watch, which is no failure: go on from the last version.
  /// After an `error` event there are no more.
  package func watch(
    _ kind: ResourceKind, _ selection: Selection = Selection(), from resourceVersion: String? = nil,
    timeout: Duration? = nil
  ) -> AsyncThrowingStream<WatchEvent, any Error> {
    openWatch(kind, WatchQuery(selection, from: resourceVersion, timeout: timeout))
  }

  package func logs(of pod: ObjectKey, _ query: LogQuery = LogQuery()) async throws -> String {
    try await readLogs(pod, query)
  }
}

// MARK: - Writing

extension Client {
  /// Makes the object. It may be sent more than once: `alreadyExists` can mean that an earlier
  /// attempt, whose answer was lost, did it.
  package func create(
    _ kind: ResourceKind, _ object: KubernetesObject
  ) async throws -> KubernetesObject {
    try await createObject(kind, object, manager)
  }

  /// Writes the whole object; with a `resourceVersion`, only over that version.
  package func replace(
    _ kind: ResourceKind, _ object: KubernetesObject, subresource: Subresource? = nil
  ) async throws -> KubernetesObject {
    try await replaceObject(kind, object, subresource, manager)
  }

  package func patch(
    _ kind: ResourceKind, _ key: ObjectKey, _ patch: Patch, subresource: Subresource? = nil
  ) async throws -> KubernetesObject {
    try await patchObject(kind, key, patch, subresource, manager)
  }

  /// Server-side apply: makes or changes the object so that it has these fields.
  package func apply(
    _ kind: ResourceKind, _ object: KubernetesObject, manager: Manager, force: Bool = false,
    subresource: Subresource? = nil
  ) async throws -> KubernetesObject {
    try await patchObject(
      kind, object.key, .apply(object, manager: manager, force: force), subresource, nil)
  }

  package func delete(
    _ kind: ResourceKind, _ key: ObjectKey, _ deletion: Deletion = Deletion()
  ) async throws {
    try await deleteObject(kind, key, deletion)
  }

  /// Deletes the object if it is there; false where there is none.
  @discardableResult
  package func deleteIfPresent(
    _ kind: ResourceKind, _ key: ObjectKey, _ deletion: Deletion = Deletion()
  ) async throws -> Bool {
    do {
      try await deleteObject(kind, key, deletion)
      return true
    } catch let failure as APIFailure where failure.reason == .notFound {
      return false
    }
  }

  /// Deletes a pod unless a PodDisruptionBudget stands against it (`tooManyRequests`).
  package func evict(_ pod: ObjectKey) async throws { try await evictPod(pod) }
}

// MARK: - Discovery

extension Client {
  package func serverVersion() async throws -> ServerVersion { try await readServerVersion() }

  /// What the server serves of a group's version; nothing where it doesn't know the group.
  package func resources(of apiVersion: String) async throws -> [ServedResource] {
    do {
      return try await readResources(apiVersion)
    } catch let failure as APIFailure where failure.reason == .notFound {
      return []
    }
  }

  /// Whether the kind is installed.
  package func serves(_ kind: ResourceKind) async throws -> Bool {
    try await resources(of: kind.apiVersion).contains { $0.name == kind.plural }
  }
}
