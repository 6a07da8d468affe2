import Controllers
import Simulation
import Transport

/// Opens the place where a run's trials run, for as long as it is needed.
struct Trials {
  let directory: RunDirectory

  /// Does the work with a runner, and leaves nothing running behind.
  /// - Parameter note: gets what the reader of the results should know of the place.
  func withRunner<Result: Sendable>(
    note: (String) throws -> Void, _ work: (TrialRunner) async throws -> Result
  ) async throws -> Result {
    if let table = directory.resolved.table { return try await work(.replaying(table)) }
    let platform = try ProcessPlatform(
      runIdentifier: directory.identifier, folder: directory.path)
    if let difference = platform.isolation.difference { try note(difference) }
    let trials = ProcessTrials(
      definition: directory.resolved.definition, inputs: directory.inputs, platform: platform,
      logFolder: directory.path + "/logs")
    do {
      let result = try await work(trials.runner)
      await platform.close()
      return result
    } catch {
      await platform.close()
      throw error
    }
  }
}
