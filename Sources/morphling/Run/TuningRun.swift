import BayesianOptimization
import Controllers
import CustomResources
import Foundation
import Reporting
import Simulation
import Transport
import Tuning

/// A run of `morphling tune` from its directory to its report.
struct TuningRun {
  let directory: RunDirectory
  let progress: ProgressStyle

  /// - Throws: `Failure` with the status to end with, unless a recommendation was made.
  func run() async throws {
    let printer = ProgressPrinter(progress, directory)
    printer.begin()
    let interruption = Interruption()
    do {
      try await interruption.watching { try await search(printer) }
    } catch is CancellationError {
      printer.end()
      throw Failure(
        .interrupted,
        "interrupted: what was measured is safe; go on with morphling tune --resume "
          + directory.path)
    } catch let error as any CustomStringConvertible & Error where !(error is Failure) {
      printer.end()
      throw Failure(.failure, "error: \(error)")
    }
    printer.end()
    try finish(printer)
  }

  private func search(_ printer: ProgressPrinter) async throws {
    let definition = directory.resolved.definition
    guard directory.inputs.runner == .process else {
      guard let table = directory.resolved.table else { return }
      try await loop(.replaying(table), printer)
      return
    }
    let platform = try ProcessPlatform(
      runIdentifier: directory.identifier, folder: directory.path)
    if let difference = platform.isolation.difference {
      printer.note(difference)
      try directory.record(.noted(difference))
    }
    let trials = ProcessTrials(
      definition: definition, inputs: directory.inputs, platform: platform,
      logFolder: directory.path + "/logs")
    do {
      try await loop(trials.runner, printer)
    } catch {
      await platform.close()
      throw error
    }
    await platform.close()
  }

  private func loop(_ runner: TrialRunner, _ printer: ProgressPrinter) async throws {
    let directory = directory
    let loop = ExperimentLoop(
      runner: runner, record: { try directory.record($0) }, observe: { printer.show($0) },
      clock: ContinuousClock())
    _ = try await loop.run(directory.experiment())
  }

  private func finish(_ printer: ProgressPrinter) throws {
    let files = try ReportFiles(try RunDirectory(reading: directory.path))
    try files.write()
    printer.conclude(files)
    guard files.report.recommendation == nil else { return }
    throw Failure(
      .nothingFeasible, "no configuration meets every constraint; see \(directory.path)/report.html"
    )
  }
}
