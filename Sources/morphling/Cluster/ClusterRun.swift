import Controllers
import CustomResources
import Foundation
import Kubernetes
import Reporting
import Transport
import Tuning

/// A run of `morphling tune` in a cluster: what is to be tuned is given to the daemon there.
struct ClusterRun: Sendable {
  let access: ClusterAccess
  let request: SubmittedExperiment.Request
  let progress: ProgressStyle
  let waits: Bool
  /// Nil for `morphling-NAME`.
  let output: String?

  /// How long a daemon may take to see an experiment before one doubts that there is one.
  private static let patience: Duration = .seconds(20)

  /// - Throws: `Failure` with the status to end with, unless the experiment was made, and, where it
  ///   is waited for, a recommendation.
  func run() async throws {
    if let output { try ClusterReport.check(output) }
    try await access.perform {
      let submitted = try await ExperimentSubmission(access.client).submit(request)
      let folder = output ?? "morphling-\(submitted.experiment.name)"
      if waits { try ClusterReport.check(folder) }
      let printer = ProgressPrinter(progress)
      printer.begin(
        submitted.definition, warnings: submitted.warnings, results: waits ? folder : nil)
      tell(submitted, printer)
      guard waits else { return }
      let last = try await followed(submitted.experiment.name, printer)
      try conclude(last, folder, printer)
    }
  }

  private func tell(_ submitted: ExperimentSubmission.Submitted, _ printer: ProgressPrinter) {
    let name = submitted.experiment.name
    for note in submitted.notes { printer.note(note) }
    if let inference = submitted.inferenceMade {
      printer.note("Inference \(access.key(inference)) was made; it isn't tuned by itself as well")
    }
    printer.submit(
      submitted.experiment.key, wasThere: submitted.wasThere,
      follow: [
        access.command("status", name, "--watch"), access.command("report", name),
        access.command("cancel", name),
      ], isAwaited: waits)
  }

  // MARK: Waiting

  private func followed(
    _ name: String, _ printer: ProgressPrinter
  ) async throws -> ExperimentSnapshot {
    do {
      let last = try await Interruption().watching {
        try await follow(access.key(name), printer)
      }
      printer.end()
      return last
    } catch is CancellationError {
      printer.end()
      throw Failure(
        .interrupted,
        "interrupted: the experiment goes on in the cluster; see it with \(access.command("status", name))"
          + ", end it with \(access.command("cancel", name))")
    }
  }

  private func follow(
    _ key: ObjectKey, _ printer: ProgressPrinter
  ) async throws -> ExperimentSnapshot {
    let start = ContinuousClock.now
    let changes = ClusterChanges(
      ofExperiment: key, client: access.client, clock: ContinuousClock()
    ) { .random(in: 0..<1) }
    var news = ExperimentProgress()
    var doubts: Set<String> = []
    func doubt(_ sentence: String) {
      if doubts.insert(sentence).inserted { printer.note(sentence) }
    }
    return try await changes.follow {
      let snapshot: ExperimentSnapshot
      do {
        snapshot = try await .read(key, from: access.client)
      } catch let failure as APIFailure where failure.isRetryable {
        doubt("\(failure)")
        return nil
      }
      if !snapshot.isSeen, ContinuousClock.now - start > Self.patience {
        doubt(
          "no daemon has taken the experiment up yet: is one there? \(Self.whereDaemonsAre)")
      }
      do {
        for update in news.updates(try ClusterStudy(snapshot)) {
          switch update {
          case .event(let event): printer.show(event)
          case .note(let sentence): printer.note(sentence)
          }
        }
      } catch let error as ClusterCommandError {
        doubt("\(error)")
      }
      return snapshot.isSettled ? snapshot : nil
    }
  }

  static let whereDaemonsAre =
    "See kubectl -n \(Installation.namespaceDefault) get pods; "
    + "install it with morphling manifests all | kubectl apply -f -"

  // MARK: The end

  private func conclude(
    _ last: ExperimentSnapshot, _ folder: String, _ printer: ProgressPrinter
  ) throws {
    let place = "ProfilingExperiment \(last.experiment.key)"
    let report = access.command("report", last.experiment.name)
    if last.isCancelled {
      throw Failure(.interrupted, "canceled: what was measured is kept; see \(report)")
    }
    if let why = last.failure {
      throw Failure(last.isInvalid ? .wrongInput : .failure, "error: \(place): \(why)")
    }
    let files = try ClusterReport(access, last).files(
      folder: folder, command: Array(CommandLine.arguments.dropFirst()))
    try files.write()
    printer.conclude(files)
    if let why = last.applyFailure {
      throw Failure(.failure, "error: \(place): the recommendation isn't applied: \(why)")
    }
    guard files.report.recommendation == nil else { return }
    throw Failure(
      .nothingFeasible, "no configuration meets every constraint; see \(folder)/report.html")
  }
}
