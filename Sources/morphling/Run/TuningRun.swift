import BayesianOptimization
import Controllers
import CustomResources
import Foundation
import Reporting
import Tuning

/// A run of `morphling tune` from its directory to its report.
struct TuningRun {
  let directory: RunDirectory
  let progress: ProgressStyle

  /// - Throws: `Failure` with the status to end with, unless a recommendation was made.
  func run() async throws {
    let printer = ProgressPrinter(progress)
    printer.begin(
      directory.resolved.definition, warnings: directory.resolved.warnings,
      results: directory.path)
    printer.resume(finished: finished)
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
    let directory = directory
    try await Trials(directory: directory).withRunner { sentence in
      printer.note(sentence)
      try directory.record(.noted(sentence))
    } _: { runner in
      let loop = ExperimentLoop(
        runner: runner, record: { try directory.record($0) }, observe: { printer.show($0) },
        clock: ContinuousClock())
      _ = try await loop.run(directory.experiment())
    }
  }

  /// Trials that an earlier run has measured.
  private var finished: Int? {
    guard !directory.entries.isEmpty else { return nil }
    return directory.entries.count { if case .finished = $0 { true } else { false } }
  }

  private func finish(_ printer: ProgressPrinter) throws {
    let run = try RunDirectory(reading: directory.path)
    let files = try ReportFiles(try run.reportSource(), folder: run.path)
    try files.write()
    printer.conclude(files)
    guard files.report.recommendation == nil else { return }
    throw Failure(
      .nothingFeasible, "no configuration meets every constraint; see \(directory.path)/report.html"
    )
  }
}
