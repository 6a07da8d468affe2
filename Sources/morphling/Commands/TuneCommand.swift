import ArgumentParser
import CustomResources
import Foundation

/// `morphling tune`
struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Search for the best configuration of a service.",
    discussion: """
      The service is a KubeDL Inference, in a YAML file; a ProfilingExperiment in the same file says \
      what to tune and for what. Without one, a sensible experiment is derived and printed.

      Examples:
        morphling tune -f service.yaml
        morphling tune -f service.yaml --slo p99=50ms --slo error-rate=0.1% --budget 10%
        morphling tune --resume morphling-minilm
        morphling tune --runner replay --profile table.csv \\
          --objective "throughput_rps / gpu_memory_gib" --slo latency_ms=100

      Every finished trial is safe in the output directory before the next one starts, so a run that \
      was interrupted, or killed, goes on with --resume.
      """)

  /// Where trials run.
  enum Runner: String, ExpressibleByArgument, CaseIterable, Codable {
    /// As local processes, within the limits of the configuration.
    case process
    /// Nowhere: a recorded table answers.
    case replay
  }

  @Option(
    name: [.short, .customLong("file")],
    help: ArgumentHelp("The service's YAML or JSON file.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var file: String?

  @Option(help: "Where trials run: as local processes, or answered from a recorded table.")
  var runner: Runner?

  @Option(
    help: ArgumentHelp(
      "The recorded table for --runner replay: a CSV file with a JSON file of the same name beside "
        + "it; TABLE.csv#NAME where it holds several services.", valueName: "table"),
    completion: .file(extensions: ["csv"]))
  var profile: String?

  @Option(
    help: ArgumentHelp(
      "What to maximize, or \"minimize …\": arithmetic over metrics, parameters and cost.",
      valueName: "expression"))
  var objective: String?

  @Option(
    help: ArgumentHelp(
      "A bound that must hold, like p99=50ms or error-rate=0.1%. May be given several times.",
      valueName: "metric=bound"))
  var slo: [String] = []

  @Option(
    help: ArgumentHelp(
      "Trials at most: a number like 30, or a share of the space like 0.2 or 20%.",
      valueName: "share|number"))
  var budget: String?

  @Option(help: ArgumentHelp("Trials side by side.", valueName: "number"))
  var parallel: String?

  @Option(help: ArgumentHelp("Decides all chance in the search (default: 0).", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Where results go (default: morphling-NAME).", valueName: "directory"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Go on with the run in this directory; everything else is taken from there.",
      valueName: "directory"),
    completion: .directory)
  var resume: String?

  @Option(help: "How progress is shown: auto, plain (a line for each event) or json.")
  var progress: ProgressStyle = .auto

  /// What can't go together. Not in `validate()`, which would come before unknown options are
  /// reported.
  private func check() throws {
    if resume != nil {
      guard file == nil, profile == nil, runner == nil, output == nil, seed == nil, budget == nil,
        parallel == nil, objective == nil, slo.isEmpty
      else {
        throw ValidationError(
          "--resume: other options are given; give --progress at most, since all else comes from "
            + "the directory")
      }
      return
    }
    if (runner ?? .process) == .replay || (runner == nil && profile != nil) {
      guard profile != nil else {
        throw ValidationError("--runner replay: no table; name one with --profile")
      }
    } else {
      guard file != nil else {
        throw ValidationError("no service; name its YAML file with -f, or a run with --resume")
      }
      guard profile == nil else {
        throw ValidationError("--profile: given with --runner process; it needs --runner replay")
      }
    }
  }

  func run() async throws {
    try check()
    let directory: RunDirectory
    if let resume {
      directory = try RunDirectory(resuming: resume)
    } else {
      directory = try newDirectory()
    }
    try await TuningRun(directory: directory, progress: progress).run()
  }

  private func newDirectory() throws -> RunDirectory {
    let inputs = try RunInputs(
      file: file, runner: runner ?? (profile == nil ? .process : .replay), profile: profile,
      options: .init(slo: slo, budget: budget, parallel: parallel, objective: objective),
      seed: seed ?? 0, arguments: Array(CommandLine.arguments.dropFirst()))
    // Everything is checked before a file is written.
    let resolved = try inputs.resolved()
    return try RunDirectory(
      creating: output ?? "morphling-\(resolved.definition.name)", for: inputs, resolved)
  }
}
