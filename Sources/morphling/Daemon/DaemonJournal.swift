import Controllers
import Kubernetes
import Logging
import Synchronization

/// Writes down what happens: as lines of the log, and as counts.
final class DaemonJournal: Sendable {
  private let log: Logger
  private let metrics: DaemonMetrics
  /// The last failure of each kind of thing that is tried over and over.
  private let lastFailures = Mutex<[String: String]>([:])

  init(log: Logger, metrics: DaemonMetrics) {
    self.log = log
    self.metrics = metrics
  }

  func note(_ notice: Notice) {
    metrics.note(notice)
    var fields: Logger.Metadata = [
      "reason": "\(notice.reason)",
      "object": "\(notice.subject.kind) \(notice.subject.key)",
    ]
    fields["experiment"] = notice.experiment.map { "\($0)" }
    fields["trial"] = notice.trial.map { "\($0)" }
    log.log(
      level: notice.severity == .warning ? .warning : .info, "\(notice.message)",
      metadata: fields)
  }

  func note(_ event: ControllerEvent) {
    metrics.note(event)
    switch event {
    case .reconciled(let controller, let key, let requeue, let took):
      log.debug(
        "reconciled",
        metadata: fields(controller, key, took).merging(["again": "\(requeue)"]) { $1 })
    case .failed(let controller, let key, let error, let failures, let took):
      let isConflict = (error as? APIFailure)?.reason == .conflict
      log.log(
        level: isConflict ? .info : .warning, "reconciling failed; trying again", error: error,
        metadata: fields(controller, key, took).merging(["failures": "\(failures)"]) { $1 })
    case .watchFailed(let kind, let selection, let error):
      noteRepeated("watching failed; trying again", error, of: "\(kind) \(selection)")
    case .kindMissing(let kind, _):
      log.notice("the API server doesn't serve a kind", metadata: ["kind": "\(kind)"])
    case .kindFound(let kind, _):
      log.notice("the API server now serves a kind", metadata: ["kind": "\(kind)"])
    case .changed(let kind, let change):
      log.trace("changed", metadata: ["object": "\(kind) \(change.object.key)"])
    }
  }

  func noteEvent(_ error: any Error) {
    guard !(error is CancellationError) else { return }
    noteRepeated("an Event can't be written", error, of: "events")
  }

  func noteLease(_ error: any Error) {
    guard (error as? APIFailure)?.reason != .conflict else { return }
    noteRepeated("the Lease can't be written; trying again", error, of: "lease")
  }

  /// What fails in the same way again isn't said again, except on request.
  private func noteRepeated(_ message: Logger.Message, _ error: any Error, of what: String) {
    let text = "\(error)"
    let isNew = lastFailures.withLock { failures in
      defer { failures[what] = text }
      return failures[what] != text
    }
    log.log(level: isNew ? .warning : .debug, message, error: error)
  }

  private func fields(
    _ controller: String, _ key: ObjectKey, _ took: Duration
  ) -> Logger.Metadata {
    var fields: Logger.Metadata = [
      "controller": "\(controller)", "object": "\(key)", "took": "\(took)",
    ]
    if controller == "experiment" { fields["experiment"] = "\(key.name)" }
    return fields
  }
}
