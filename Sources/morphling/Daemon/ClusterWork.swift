import Controllers
import Foundation
import Kubernetes
import Logging
import ServiceLifecycle

/// The daemon's work: reaches the API server, follows what happens, and acts while it leads.
struct ClusterWork: Service {
  let clients: DaemonClients
  let lease: ObjectKey
  let elector: LeaderElector
  let state: DaemonState
  let log: Logger

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await connect() }
      state.noteConnected()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await state.controllers.follow() }
        group.addTask { try await lead() }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch is CancellationError where Task.isCancelled || Task.isShuttingDownGracefully {
      return
    } catch let lost as LeadershipLost {
      throw Failure(.failure, "error: \(lost)")
    }
  }

  /// Tries until the API server answers: a pod may be there before its network is.
  /// - Throws: `Failure` where it answers that it won't have us.
  private func connect() async throws {
    var failures = 0
    while true {
      do {
        let version = try await clients.lease.serverVersion()
        _ = try await clients.lease.find(.leases, lease)
        log.info("connected", metadata: ["server": "\(clients.server)", "version": "\(version)"])
        return
      } catch let failure as APIFailure {
        switch failure.reason {
        case .unauthorized, .forbidden, .unreadable, .transport(.certificate),
          .transport(.credentials):
          throw Failure(.failure, "error: \(clients.server): \(failure)")
        default:
          failures += 1
          log.warning(
            "the API server can't be reached; trying again", error: failure,
            metadata: ["server": "\(clients.server)"])
        }
      }
      try await Task.sleep(for: Backoff.watches.bound(failures: min(failures, 4)))
    }
  }

  /// Waits for the lead and works while it holds.
  private func lead() async throws {
    log.info("standing by", metadata: ["identity": "\(elector.election.identity)"])
    let leading = Task {
      try await elector.lead {
        log.info("leading")
        try await state.controllers.work()
      }
    }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await leading.value
      } onGracefulShutdown: {
        log.info("stopping")
        state.controllers.shutDown()
        if !elector.isLeading { leading.cancel() }
      }
    } onCancel: {
      leading.cancel()
    }
  }
}
