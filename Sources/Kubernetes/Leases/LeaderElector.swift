import Synchronization

/// Leads while it holds a Lease, and lets others lead otherwise.
package final class LeaderElector: Sendable {
  package let election: LeaderElection
  private let lease: ObjectKey
  private let client: Client
  private let stopwatch: Stopwatch
  private let now: @Sendable () -> Timestamp
  private let chance: @Sendable () -> Double
  private let onFailure: @Sendable (any Error) -> Void
  private let state = Mutex(State())

  private struct State {
    var observation: LeaderElection.Observation?
    var object: KubernetesObject?
    var isLeading = false
  }

  /// - Parameters:
  ///   - now: civil time, which only goes into the Lease for people to read.
  ///   - chance: uniform in 0..<1, anew at each call.
  ///   - onFailure: told of every attempt that the server refused; the next one follows.
  package init(
    _ election: LeaderElection, lease: ObjectKey, client: Client, clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Timestamp, chance: @escaping @Sendable () -> Double,
    onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
  ) {
    self.election = election
    self.lease = lease
    self.client = client
    self.stopwatch = Stopwatch(clock)
    self.now = now
    self.chance = chance
    self.onFailure = onFailure
  }

  package var isLeading: Bool { state.withLock { $0.isLeading } }
  /// Who led when the lease was last read.
  package var leader: String? { state.withLock { $0.observation?.record.holder } }

  /// Waits for the lead, then does the work while it holds. When the lead is lost, the work is
  /// cancelled and `LeadershipLost` is thrown; when the work or the task ends, the lease is given
  /// back at once.
  package func lead(_ work: @escaping @Sendable () async throws -> Void) async throws {
    try await acquire()
    state.withLock { $0.isLeading = true }
    let outcome = await outcome(of: work)
    state.withLock { $0.isLeading = false }
    if case .failure(let error) = outcome, error is LeadershipLost { throw error }
    // The task may have been cancelled, which must not keep others waiting.
    await Task { await self.release() }.value
    try outcome.get()
  }

  private func outcome(
    of work: @escaping @Sendable () async throws -> Void
  ) async -> Result<Void, any Error> {
    await withTaskGroup(of: Result<Void, any Error>.self) { group in
      group.addTask { await Self.result(work) }
      group.addTask { await Self.result { try await self.keepRenewing() } }
      let first = await group.next() ?? .success(())
      group.cancelAll()
      for await _ in group {}
      return first
    }
  }

  private static func result(
    _ work: @Sendable () async throws -> Void
  ) async -> Result<Void, any Error> {
    do { return .success(try await work()) } catch { return .failure(error) }
  }
}

// MARK: - Steps

extension LeaderElector {
  private func acquire() async throws {
    while true {
      try Task.checkCancellation()
      if try await attempt() { return }
      // Jitter as in client-go: those who wait don't all ask at once.
      try await stopwatch.sleep(for: election.retryPeriod * (1 + 0.2 * chance()))
    }
  }

  /// Ends by throwing: when the lead is lost, or the task is cancelled.
  private func keepRenewing() async throws {
    var renewed = stopwatch.elapsed
    while true {
      try await stopwatch.sleep(for: election.retryPeriod)
      let started = stopwatch.elapsed
      // An attempt that hangs must not outlast the deadline.
      let left = max(renewed + election.renewDeadline - started, .zero)
      if try await attempt(within: left) {
        renewed = started
      } else if holdsAnother() || stopwatch.elapsed - renewed >= election.renewDeadline {
        throw LeadershipLost(identity: election.identity, holder: leader ?? "")
      }
    }
  }

  private func holdsAnother() -> Bool {
    state.withLock { state in
      state.observation.map { $0.record.holder != election.identity } ?? false
    }
  }

  private func attempt(within limit: Duration) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { try await self.attempt() }
      group.addTask {
        try await self.stopwatch.sleep(for: limit)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }

  /// Reads the lease and takes or renews it where that is right; false where another holds it, or
  /// where the server did not do what it was asked.
  private func attempt() async throws -> Bool {
    do {
      let current = try await client.find(.leases, lease)
      let clock = stopwatch.elapsed
      let (decision, record) = state.withLock { state in
        state.object = current
        state.observation = current.map {
          election.observing(LeaseRecord($0), after: state.observation, at: clock)
        }
        return (election.decision(state.observation, at: clock), state.observation?.record)
      }
      if case .wait = decision { return false }
      try await write(election.record(after: decision, of: record, at: now()), over: current)
      return true
    } catch let failure as APIFailure {
      // A conflict means that another was quicker; all else is tried again in a moment.
      onFailure(failure)
      return false
    }
  }

  /// Only over the version that was read: of two who try, one fails.
  private func write(_ record: LeaseRecord, over current: KubernetesObject?) async throws {
    let written: KubernetesObject
    if var object = current {
      object.spec = record.json
      written = try await client.replace(.leases, object)
    } else {
      written = try await client.create(
        .leases, KubernetesObject(.leases, lease, content: ["spec": record.json]))
    }
    let clock = stopwatch.elapsed
    state.withLock { state in
      state.object = written
      state.observation = election.observing(LeaseRecord(written), after: nil, at: clock)
    }
  }

  private func release() async {
    guard let current = state.withLock({ $0.object }) else { return }
    let record = LeaseRecord(current)
    guard record.holder == election.identity else { return }
    // Otherwise it runs out by itself.
    try? await write(election.released(record, at: now()), over: current)
  }
}

/// The lease went to another, or could not be renewed in time.
package struct LeadershipLost: Error, Hashable, CustomStringConvertible {
  package let identity: String
  package let holder: String

  package var description: String {
    holder == identity
      ? "lease of \(identity): not renewed in time; a reachable API server is needed"
      : "lease of \(identity): now held by \(holder); only one can lead, so wait or stop the other"
  }
}
