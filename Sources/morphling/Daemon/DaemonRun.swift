import Controllers
import CustomResources
import Foundation
import Kubernetes
import Logging
import ServiceLifecycle
import Transport
import UnixSignals

/// A run of `morphling daemon`, from its options to its end.
struct DaemonRun {
  /// How long a reconcile may take to finish once the daemon is to stop.
  private static let grace = Duration.seconds(10)

  private let options: DaemonOptions
  private let log: Logger

  init(_ options: DaemonOptions, _ log: Logger) {
    self.options = options
    self.log = log
  }

  /// - Throws: `Failure` with the status to end with.
  func run() async throws {
    let metrics = DaemonMetrics()
    let clients = try DaemonClients(options) { metrics.note($0, $1) }
    let journal = DaemonJournal(log: log, metrics: metrics)
    let lease = ObjectKey(namespace: options.namespace, name: Installation.name)
    let events = EventRecorder(clients.work, instance: options.identity, now: { .now() })
    let context = ControllerContext(
      client: clients.work, namespace: options.namespace, now: { .now() },
      notify: { notice in
        journal.note(notice)
        if let error = await events.record(notice) { journal.noteEvent(error) }
      })
    let controllers = ControllerRun(
      DaemonControllers.all(context, options), following: [.profilingExperiments, .trials],
      client: clients.work, namespaces: options.namespaces, clock: ContinuousClock(),
      chance: { Double.random(in: 0..<1) }, tell: { journal.note($0) })
    let elector = LeaderElector(
      LeaderElection(identity: options.identity), lease: lease, client: clients.lease,
      clock: ContinuousClock(), now: { .now() }, chance: { Double.random(in: 0..<1) },
      onFailure: { journal.noteLease($0) })
    let state = DaemonState(controllers, elector, metrics)
    log.info(
      "starting",
      metadata: [
        "version": "\(Version.text)", "namespace": "\(options.namespace)",
        "namespaces": "\(options.namespaces?.joined(separator: ",") ?? "all")",
        "listen": "\(options.listen)",
      ])
    try await run([
      StatusServer(address: options.listen, state: state),
      ClusterWork(clients: clients, lease: lease, elector: elector, state: state, log: log),
    ])
    log.info("stopped")
  }

  /// Those that come later in the list end before those that come earlier.
  private func run(_ services: [any Service]) async throws {
    var quiet = log
    quiet.logLevel = max(log.logLevel, .critical)
    var configuration = ServiceGroupConfiguration(
      services: services.map {
        .init(
          service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
          failureTerminationBehavior: .cancelGroup)
      },
      gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: quiet)
    configuration.maximumGracefulShutdownDuration = Self.grace
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch is CancellationError {
      log.warning("what was under way has been cancelled")
    }
  }
}
