package import Kubernetes
import Synchronization

/// An API server in memory: the rules of a real one (`ClusterState`), and what a real one can't do
/// on demand. The garbage collector runs within every change; there are no other controllers.
package final class InMemoryAPIServer: Sendable {
  package enum Verb: String, Hashable, Sendable {
    case get, list, watch, create, replace, patch, delete, logs, evict, discovery
  }

  /// One call of the client.
  package struct Call: Hashable, Sendable {
    package let verb: Verb
    package let kind: ResourceKind
    package let key: ObjectKey
  }

  /// What is done to the next calls.
  private struct Fault: Sendable {
    var remaining: Int
    let matches: @Sendable (Call) -> Bool
    let reason: APIFailure.Reason
    let retryAfter: Duration?
    /// The server does what it is asked, and the answer is lost.
    let isAfterwards: Bool
  }

  private struct State {
    var cluster: ClusterState
    var faults: [Fault] = []
    var calls: [Call] = []
    var latency: Duration = .zero
    var logs: [ObjectKey: [String: String]] = [:]
    var version: ServerVersion
    /// Watches that were opened before the last of these endings end with it.
    var endings: [WatchEnding] = []
    var bookmarks = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var lastWaiter = 0
  }

  enum WatchEnding: Sendable {
    case closed
    case broken
  }

  private let clock: (any Clock<Duration>)?
  private let now: @Sendable () -> Timestamp
  private let state: Mutex<State>

  /// - Parameters:
  ///   - kinds: those that are served; more come with CustomResourceDefinitions.
  ///   - namespaces: those that exist from the start.
  ///   - clock: what latency is waited for by; needed for `setLatency` alone.
  ///   - now: what goes into the objects' timestamps.
  package init(
    kinds: [ResourceKind] = ResourceKind.builtIn + ResourceKind.custom,
    namespaces: [String] = ["default"], serverVersion: ServerVersion = .init(major: 1, minor: 33),
    clock: (any Clock<Duration>)? = nil,
    now: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_767_225_600) }
  ) {
    self.clock = clock
    self.now = now
    let cluster = ClusterState(kinds: kinds, namespaces: namespaces, now: now())
    self.state = Mutex(State(cluster: cluster, version: serverVersion))
  }
}

// MARK: - What a test does to it

extension InMemoryAPIServer {
  /// Lets the next calls fail that match.
  package func fail(
    next count: Int = 1, with reason: APIFailure.Reason, retryAfter: Duration? = nil,
    afterPerforming: Bool = false, where matches: @escaping @Sendable (Call) -> Bool = { _ in true }
  ) {
    let fault = Fault(
      remaining: count, matches: matches, reason: reason, retryAfter: retryAfter,
      isAfterwards: afterPerforming)
    state.withLock { $0.faults.append(fault) }
  }

  /// Every call takes so long, by the clock given at the start.
  package func setLatency(_ latency: Duration) { state.withLock { $0.latency = latency } }

  /// Forgets the past: older versions and continue tokens expire.
  package func compact() { state.withLock { $0.cluster.compact() } }

  /// Ends all watches as a server does that has had enough of them.
  package func closeWatches() { end(.closed) }

  /// Ends all watches as a broken connection does.
  package func breakWatches() { end(.broken) }

  /// Sends a bookmark to every watch that has nothing else to tell.
  package func sendBookmarks() {
    state.withLock { $0.bookmarks += 1 }
    wakeWatches()
  }

  /// Refuses objects of a kind, for these causes.
  package func refuse(
    _ kind: ResourceKind, for causes: @escaping @Sendable (KubernetesObject) -> [APIFailure.Cause]
  ) {
    state.withLock { $0.cluster.admission[kind] = causes }
  }

  /// What a container has written; the log of its last run is under `previous`.
  package func setLog(
    of pod: ObjectKey, container: String, previous: Bool = false, to text: String
  ) {
    state.withLock { $0.logs[pod, default: [:]][container + (previous ? "/previous" : "")] = text }
  }

  /// The calls so far, in their order.
  package var calls: [Call] { state.withLock { $0.calls } }
  package func forgetCalls() { state.withLock { $0.calls = [] } }

  /// All objects of a kind, in the order of their keys.
  package func objects(_ kind: ResourceKind) -> [KubernetesObject] {
    state.withLock { ($0.cluster.objects[kind] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }
  }

  private func end(_ ending: WatchEnding) {
    state.withLock { $0.endings.append(ending) }
    wakeWatches()
  }
}

// MARK: - Calls

extension InMemoryAPIServer {
  func perform<Result: Sendable>(
    _ verb: Verb, _ kind: ResourceKind, _ key: ObjectKey,
    _ body: @Sendable (inout ClusterState) throws(APIFailure) -> Result
  ) async throws -> Result {
    let call = Call(verb: verb, kind: kind, key: key)
    let fault = try await begin(call)
    let failure = fault.map {
      APIFailure(
        $0.reason, operation: "\(verb) \(ObjectReference(kind, key))", message: "injected",
        retryAfter: $0.retryAfter)
    }
    if let failure, fault?.isAfterwards == false { throw failure }
    let now = now()
    let outcome = state.withLock { state -> Swift.Result<Result, APIFailure> in
      state.cluster.now = now
      // What fails changes nothing.
      var cluster = state.cluster
      let outcome = Swift.Result { () throws(APIFailure) in try body(&cluster) }
      if case .success = outcome { state.cluster = cluster }
      return outcome
    }
    wakeWatches()
    if let failure { throw failure }
    return try outcome.get()
  }

  /// Notes the call, takes its time, and tells what is to go wrong with it.
  private func begin(_ call: Call) async throws -> Fault? {
    let latency = state.withLock { state in
      state.calls.append(call)
      return state.latency
    }
    if let clock, latency > .zero { try await clock.sleep(for: latency) }
    try Task.checkCancellation()
    return state.withLock { state in
      guard
        let index = state.faults.firstIndex(where: { $0.remaining > 0 && $0.matches(call) })
      else { return nil }
      state.faults[index].remaining -= 1
      return state.faults[index]
    }
  }

  func log(of pod: ObjectKey, _ query: LogQuery) async throws -> String {
    let logs = state.withLock { $0.logs[pod] ?? [:] }
    return try await perform(.logs, .pods, pod) { (cluster) throws(APIFailure) in
      let operation = "read the log of \(ObjectReference(.pods, pod))"
      _ = try cluster.object(.pods, pod, operation)
      let names = logs.keys.filter { !$0.hasSuffix("/previous") }
      let container = query.container ?? (names.count == 1 ? names.first : nil) ?? ""
      guard let text = logs[container + (query.previous ? "/previous" : "")] else {
        throw APIFailure(
          .badRequest, operation: operation,
          message: "container \(container) is not valid for pod \(pod.name)")
      }
      return Self.tail(of: text, query)
    }
  }

  private static func tail(of text: String, _ query: LogQuery) -> String {
    var text = text
    if let count = query.tailLines {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let isTerminated = lines.last?.isEmpty ?? false
      text = lines.suffix(isTerminated ? count + 1 : count).joined(separator: "\n")
    }
    return query.limitBytes.map { String(decoding: text.utf8.prefix($0), as: UTF8.self) } ?? text
  }

  func serverVersion() async throws -> ServerVersion {
    try await perform(.discovery, .pods, ObjectKey(name: "")) { _ in }
    return state.withLock { $0.version }
  }
}

// MARK: - Watches

extension InMemoryAPIServer {
  func watch(
    _ kind: ResourceKind, _ query: WatchQuery
  ) -> AsyncThrowingStream<WatchEvent, any Error> {
    let watch = InMemoryWatch(self, kind, query)
    return AsyncThrowingStream { try await watch.next() }
  }

  /// The state of the world as a watch begins.
  func watchMarks() -> (endings: Int, bookmarks: Int) {
    state.withLock { ($0.endings.count, $0.bookmarks) }
  }

  /// How a watch that began with so many endings is to end.
  func ending(after count: Int) -> WatchEnding? {
    state.withLock { $0.endings.count > count ? $0.endings[count] : nil }
  }

  func read<Value>(_ body: (ClusterState) throws(APIFailure) -> Value) throws(APIFailure) -> Value {
    let cluster = state.withLock { $0.cluster }
    return try body(cluster)
  }

  /// Waits for anything to change after the marks and the version.
  func waitForChange(after version: Int, _ marks: (endings: Int, bookmarks: Int)) async {
    let number = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled || state.cluster.version > version
            || state.endings.count > marks.endings || state.bookmarks > marks.bookmarks
          {
            return true
          }
          state.waiters[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
  }

  private func wakeWatches() {
    let waiters = state.withLock { state in
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }
}
