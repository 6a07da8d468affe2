import Synchronization

extension Client {
  /// A client that talks over a connection.
  package init(over connection: Connection, pacing: RequestPacing, manager: Manager? = nil) {
    let server = PacedConnection(connection, pacing)
    self.init(
      getObject: { try await server.object(.get($0, $1, $2)) },
      listPage: { try await server.list($0, $1) },
      openWatch: { server.watch($0, $1) },
      createObject: { try await server.object(.create($0, $1, manager: $2)) },
      replaceObject: { try await server.object(.replace($0, $1, $2, manager: $3)) },
      patchObject: { try await server.object(.patch($0, $1, $2, $3, manager: $4)) },
      deleteObject: { _ = try await server.send(.delete($0, $1, $2)) },
      readLogs: { String(decoding: try await server.send(.logs(of: $0, $1)), as: UTF8.self) },
      evictPod: { try await server.evict($0) },
      readServerVersion: { try await server.version() },
      readResources: { try await server.resources(of: $0) },
      manager: manager)
  }
}

extension PacedConnection {
  fileprivate func json(_ request: APIRequest) async throws -> JSONValue {
    let body = try await send(request)
    do {
      return try JSONReader.decode(body)
    } catch {
      throw APIFailure(
        .unreadable, operation: request.operation, message: error.description)
    }
  }

  fileprivate func object(_ request: APIRequest) async throws -> KubernetesObject {
    KubernetesObject(try await json(request))
  }

  fileprivate func list(_ kind: ResourceKind, _ query: ListQuery) async throws -> ObjectList {
    let json = try await json(.list(kind, query))
    let token = json["metadata"]?["continue"]?.string ?? ""
    return ObjectList(
      items: (json["items"]?.array ?? []).map { KubernetesObject($0, ofKind: kind) },
      resourceVersion: json["metadata"]?["resourceVersion"]?.string ?? "",
      continueToken: token.isEmpty ? nil : token)
  }

  fileprivate func watch(
    _ kind: ResourceKind, _ query: WatchQuery
  ) -> AsyncThrowingStream<WatchEvent, any Error> {
    let reader = WatchReader(self, .watch(kind, query))
    return AsyncThrowingStream { try await reader.next() }
  }

  fileprivate func version() async throws -> ServerVersion {
    let json = try await json(.serverVersion)
    // Some providers write "20+".
    func number(_ key: String) -> Int {
      Int((json[key]?.scalarText ?? "").prefix { $0.isASCII && $0.isNumber }) ?? 0
    }
    return ServerVersion(
      major: number("major"), minor: number("minor"), description: json["gitVersion"]?.string)
  }

  fileprivate func resources(of apiVersion: String) async throws -> [ServedResource] {
    try await (json(.resources(of: apiVersion))["resources"]?.array ?? []).map {
      ServedResource(
        name: $0["name"]?.string ?? "", kind: $0["kind"]?.string ?? "",
        isNamespaced: $0["namespaced"] == .bool(true),
        verbs: ($0["verbs"]?.array ?? []).compactMap(\.string))
    }
  }

  /// Servers before 1.22 know the eviction only as `policy/v1beta1`, and call anything else a bad
  /// request.
  fileprivate func evict(_ pod: ObjectKey) async throws {
    do {
      _ = try await send(.evict(pod, apiVersion: "policy/v1"))
    } catch let failure as APIFailure where failure.reason == .badRequest {
      _ = try await send(.evict(pod, apiVersion: "policy/v1beta1"))
    }
  }
}

extension KubernetesObject {
  /// The items of a list of a built-in kind don't say what they are.
  fileprivate init(_ item: JSONValue, ofKind kind: ResourceKind) {
    guard item["kind"] == nil, let members = item.object?.members else {
      self.init(item)
      return
    }
    let head: [(String, JSONValue)] = [
      ("apiVersion", .string(kind.apiVersion)), ("kind", .string(kind.kind)),
    ]
    self.init(.object(JSONObject(head + members.map { ($0.key, $0.value) })))
  }
}

/// Reads the events of one watch, one at a time: nobody asks, nothing is read.
private final class WatchReader: Sendable {
  private struct State {
    var stream: APIResponseStream?
    var lines = LineBuffer()
    var hasEnded = false
  }

  private let server: PacedConnection
  private let request: APIRequest
  private let state = Mutex(State())

  init(_ server: PacedConnection, _ request: APIRequest) {
    self.server = server
    self.request = request
  }

  func next() async throws -> WatchEvent? {
    while true {
      let (line, hasEnded, stream) = state.withLock {
        ($0.hasEnded ? nil : $0.lines.next(), $0.hasEnded, $0.stream)
      }
      if hasEnded { return nil }
      if let line { return try event(line) }
      guard let stream else {
        let opened = try await server.open(request)
        state.withLock { $0.stream = opened }
        continue
      }
      guard let piece = try await stream.next() else {
        // A line that isn't whole is an event that will come again.
        end()
        return nil
      }
      state.withLock { $0.lines.append(piece) }
    }
  }

  private func event(_ line: [UInt8]) throws(APIFailure) -> WatchEvent {
    let event = try WatchEvent(line: line, operation: request.operation)
    if case .error = event { end() }
    return event
  }

  private func end() {
    state.withLock {
      $0.hasEnded = true
      $0.stream = nil
    }
  }
}
