import Kubernetes
import Synchronization

/// One watch of the server in memory; nothing is read ahead of who asks.
final class InMemoryWatch: Sendable {
  private struct State {
    /// Nil until the watch has begun.
    var version: Int?
    var marks = (endings: 0, bookmarks: 0)
    /// Objects that were there before the watch.
    var present: [KubernetesObject] = []
    var hasEnded = false
  }

  private let server: InMemoryAPIServer
  private let kind: ResourceKind
  private let query: WatchQuery
  private let state = Mutex(State())

  init(_ server: InMemoryAPIServer, _ kind: ResourceKind, _ query: WatchQuery) {
    self.server = server
    self.kind = kind
    self.query = query
  }

  func next() async throws -> WatchEvent? {
    if state.withLock({ $0.version }) == nil, !state.withLock({ $0.hasEnded }) { try await begin() }
    while true {
      try Task.checkCancellation()
      let (version, marks, hasEnded) = state.withLock { ($0.version ?? 0, $0.marks, $0.hasEnded) }
      if hasEnded { return nil }
      if let ending = server.ending(after: marks.endings) { return try end(ending) }
      if let event = try step(from: version) { return event }
      if server.watchMarks().bookmarks > marks.bookmarks { return bookmark() }
      let reached = state.withLock { $0.version ?? 0 }
      await server.waitForChange(after: reached, marks)
    }
  }

  private func begin() async throws {
    let (kind, selection) = (kind, query.selection)
    let from = query.resourceVersion ?? "0"
    let key = ObjectKey(namespace: selection.namespace, name: "")
    let operation = operation
    let (version, present) = try await server.perform(.watch, kind, key) {
      (cluster) throws(APIFailure) in
      _ = try cluster.service(kind, operation)
      if from == "0" || from.isEmpty {
        let objects = (cluster.objects[kind] ?? [:]).values.filter { selection.selects($0) }
        return (cluster.version, objects.sorted { $0.key < $1.key })
      }
      guard let version = Int(from) else {
        throw APIFailure(
          .badRequest, operation: operation, message: "Invalid value: \"\(from)\"")
      }
      return (version, [])
    }
    let marks = server.watchMarks()
    state.withLock { state in
      state.version = version
      state.marks = marks
      state.present = present
    }
  }

  /// The next event there is, if there is one.
  private func step(from version: Int) throws -> WatchEvent? {
    let present = state.withLock { $0.present.isEmpty ? nil : $0.present.removeFirst() }
    if let present { return .added(present) }
    let operation = operation
    do {
      let (event, reached) = try server.read { (cluster) throws(APIFailure) in
        guard version >= cluster.compactedVersion else {
          throw APIFailure(
            .expired, operation: operation,
            message: "too old resource version: \(version) (\(cluster.compactedVersion))")
        }
        return cluster.nextEvent(after: version, kind, query.selection)
      }
      state.withLock { $0.version = reached }
      return event
    } catch {
      state.withLock { $0.hasEnded = true }
      return .error(error)
    }
  }

  private func bookmark() -> WatchEvent {
    let version = state.withLock { state in
      state.marks.bookmarks += 1
      return state.version ?? 0
    }
    return .bookmark(resourceVersion: String(version))
  }

  private func end(_ ending: InMemoryAPIServer.WatchEnding) throws -> WatchEvent? {
    state.withLock { $0.hasEnded = true }
    switch ending {
    case .closed: return nil
    case .broken:
      throw APIFailure(
        .transport(.interrupted), operation: operation, message: "the connection was broken")
    }
  }

  private var operation: String {
    "watch \(ObjectReference(kind, ObjectKey(namespace: query.selection.namespace, name: "")))"
  }
}
