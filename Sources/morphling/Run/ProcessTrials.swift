import Controllers
import CustomResources
import Foundation
import Kubernetes
import StressTest
import Transport
import Tuning

/// Trials as local processes: what the container would run is run here, within its limits.
struct ProcessTrials: Sendable {
  let definition: ExperimentDefinition
  let inputs: RunInputs
  let platform: ProcessPlatform
  let logFolder: String
  private let ports = FreePorts()

  init(
    definition: ExperimentDefinition, inputs: RunInputs, platform: ProcessPlatform,
    logFolder: String
  ) {
    self.definition = definition
    self.inputs = inputs
    self.platform = platform
    self.logFolder = logFolder
  }

  var runner: TrialRunner {
    TrialRunner { ordinal, configuration, progress in
      try await run(ordinal, configuration, progress)
    }
  }

  private func run(
    _ ordinal: Int, _ configuration: Configuration,
    _ progress: @escaping @Sendable (TrialProgress) -> Void
  ) async throws -> Outcome {
    guard let writer = definition.writer else {
      throw Failure(.failure, "error: there is no container to run")
    }
    let launch = try LocalLaunch(
      container: try writer.container(with: configuration), definition: definition, inputs: inputs,
      ports: ports)
    // A retried trial needs a name of its own: its group may still be going away.
    let name = "trial-\(ordinal)-\(UInt16.random(in: 0 ... .max))"
    let specification = try launch.specification(
      named: name, logFile: "\(logFolder)/trial-\(ordinal).log")
    progress(.starting)
    let candidate: Candidate
    do {
      candidate = try await platform.start(specification)
    } catch ProcessError.limitTooSmall(_, let found, let needed) {
      return .infeasible(
        Infeasibility(.notStarted, .starting, detail: "has \(found); \(needed) is the least"))
    }
    do {
      let outcome = try await CandidateTest.run(
        candidate: candidate,
        plan: definition.stressPlan(seed: inputs.seed &+ UInt64(ordinal) << 20),
        clock: ContinuousClock()
      ) { event in
        if let shown = TrialProgress(event) { progress(shown) }
      }
      await candidate.stop()
      return outcome
    } catch {
      await candidate.stop()
      throw error
    }
  }
}

extension ProcessTrials {
  /// What keeps an experiment from running as local processes.
  /// - Parameter folder: where relative paths start from.
  static func problems(
    of definition: ExperimentDefinition, file: String, folder: String
  ) -> [Problem] {
    guard let target = definition.target else {
      return [
        Problem(
          .error, at: file, found: "no container to run",
          needed: "give an Inference, or servicePodTemplate")
      ]
    }
    var problems: [Problem] = []
    let container = target.container
    let place = "\(file): container \"\(container.name)\""
    let command = ContainerCommand(container)
    if command.runsImageEntrypoint {
      problems.append(
        Problem(
          .error, at: place, found: "no command, so that its image would decide what runs",
          needed: "give a command that runs on this machine"))
    } else if !isThere(command, folder) {
      problems.append(
        Problem(
          .error, at: place, found: "no executable file \"\(command.words[0])\"",
          needed: "give a path from the manifest's folder, or a name found in PATH"))
    }
    for name in container.resourceNames where !["cpu", "memory"].contains(name) {
      problems.append(
        Problem(
          .warning, at: place, found: "resource \(name) can't be limited for a local process",
          needed: nil))
    }
    let fixed = container.ports.filter { !LocalLaunch.isMovable($0, in: container) }
    if definition.parallelism > 1, !fixed.isEmpty {
      let names = fixed.map { $0.name ?? $0.number.map(String.init) ?? "?" }
      problems.append(
        Problem(
          .error, at: place,
          found: "\(definition.parallelism) trials side by side would share port "
            + names.joined(separator: ", "),
          needed: "let the command take each port from a variable named like the port "
            + "(http-port: HTTP_PORT), or run one trial at a time"))
    }
    return problems
  }
}

extension ProcessTrials {
  /// Whether what the command runs can be found. A variable in its name is only known in a trial.
  private static func isThere(_ command: ContainerCommand, _ folder: String) -> Bool {
    guard let name = command.words.first, !name.contains("$(") else { return true }
    let working = command.workingDirectory.map {
      URL(filePath: $0, relativeTo: URL(filePath: folder + "/")).path
    }
    return ExecutableSearch.finds(
      name, from: working ?? folder,
      searchPath: command.environment.first { $0.name == "PATH" }?.value)
  }
}

extension TrialProgress {
  /// Nil for what isn't worth showing.
  fileprivate init?(_ event: StressEvent) {
    switch event {
    case .waitingUntilReady: self = .starting
    case .warmingUp: self = .warmingUp
    case .offering(let probe): self = .loading(probe.rate)
    case .measured(let step): self = .loaded(step)
    case .answered, .sending, .finished: return nil
    }
  }
}
