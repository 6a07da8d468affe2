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
        morphling tune --runner cluster -f service.yaml --wait
        morphling tune inference/embedder --namespace shop --mode propose
        morphling tune --runner replay --profile table.csv \\
          --objective "throughput_rps / gpu_memory_gib" --slo latency_ms=100

      Every finished trial is safe in the output directory before the next one starts, so a run that \
      was interrupted, or killed, goes on with --resume.

      In a cluster, the experiment is made there and a daemon runs it; an Inference that isn't there \
      is made too, one that is there stays as it is. Asking for the same experiment again finds it, \
      or lets it go on where it was canceled.
      """)

  /// Where trials run.
  enum Runner: String, ExpressibleByArgument, CaseIterable, Codable {
    /// As local processes, within the limits of the configuration.
    case process
    /// Nowhere: a recorded table answers.
    case replay
    /// In a cluster, by the daemon there.
    case cluster
  }

  @Option(
    name: [.short, .customLong("file")],
    help: ArgumentHelp("The service's YAML or JSON file.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var file: String?

  @Argument(
    help: ArgumentHelp(
      "With --runner cluster, in place of a file: an Inference that is there.",
      valueName: "inference/name"))
  var service: String?

  @Option(
    help: "Where trials run: process, here; cluster; or replay, answered from a recorded table.")
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
      "Begin with what earlier services have taught: the directory of a finished run, or one with "
        + "tables or runs in it. May be given several times.", valueName: "directory"),
    completion: .directory)
  var prior: [String] = []

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

  @Flag(help: "With --runner cluster: wait for the result, and write the report.")
  var wait = false

  @Option(
    help: ArgumentHelp(
      "With --runner cluster, what becomes of the recommendation: off, it stands in the status "
        + "(default); propose, it is also annotated on the Inference; apply, it is written into it.",
      valueName: "off|propose|apply"))
  var mode: InferenceSettings.Mode?

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  /// Where trials run; what is given beside it decides where it isn't said.
  private var place: Runner {
    runner ?? (profile != nil ? .replay : service != nil ? .cluster : .process)
  }

  /// What can't go together. Not in `validate()`, which would come before unknown options are
  /// reported.
  private func check() throws {
    if resume != nil {
      guard file == nil, profile == nil, runner == nil, output == nil, seed == nil, budget == nil,
        parallel == nil, objective == nil, slo.isEmpty, prior.isEmpty, service == nil, mode == nil,
        !wait,
        !cluster.isGiven
      else {
        throw ValidationError(
          "--resume: other options are given; give --progress at most, since all else comes from "
            + "the directory")
      }
      return
    }
    switch place {
    case .replay:
      guard profile != nil else {
        throw ValidationError("--runner replay: no table; name one with --profile")
      }
    case .process, .cluster:
      guard profile == nil else {
        throw ValidationError(
          "--profile: given with --runner \(place.rawValue); it needs --runner replay")
      }
      guard file != nil || service != nil else {
        throw ValidationError("no service; name its YAML file with -f, or a run with --resume")
      }
    }
    if place == .cluster { try checkCluster() } else { try checkMachine() }
  }

  private func checkCluster() throws {
    guard file == nil || service == nil else {
      throw ValidationError("-f: given beside \(service ?? ""); one of them says what to tune")
    }
    guard service == nil || inference != nil else {
      throw ValidationError(
        "\(service ?? ""): give a file with -f, or the name of an Inference in the cluster like "
          + "inference/embedder")
    }
    guard seed == nil else {
      throw ValidationError(
        "--seed: given with --runner cluster; an experiment there has a seed of its own")
    }
    guard prior.isEmpty else {
      throw ValidationError(
        "--prior: given with --runner cluster; the daemon knows what was tuned there")
    }
    guard output == nil || wait else {
      throw ValidationError(
        "--output: given without --wait; morphling report writes the results later")
    }
  }

  private func checkMachine() throws {
    let others = [
      (service.map { _ in "inference/NAME" }), (wait ? "--wait" : nil), mode.map { _ in "--mode" },
      cluster.kubeconfig.map { _ in "--kubeconfig" }, cluster.context.map { _ in "--context" },
      cluster.namespace.map { _ in "--namespace" },
    ]
    if let given = others.compactMap(\.self).first {
      throw ValidationError(
        "\(given): given with --runner \(place.rawValue); it needs --runner cluster")
    }
  }

  /// The name in `inference/NAME`.
  private var inference: String? {
    service.flatMap { InferenceName($0)?.text }
  }

  func run() async throws {
    try check()
    if place == .cluster, resume == nil {
      try await clusterRun().run()
      return
    }
    let directory: RunDirectory
    if let resume {
      directory = try RunDirectory(resuming: resume)
    } else {
      directory = try newDirectory()
    }
    try await TuningRun(directory: directory, progress: progress).run()
  }

  private var options: RunInputs.Options {
    .init(slo: slo, budget: budget, parallel: parallel, objective: objective)
  }

  private func clusterRun() throws -> ClusterRun {
    let (overrides, problems) = options.read()
    guard problems.isEmpty else {
      throw Failure(.wrongInput, Diagnostics(problems).description)
    }
    let manifests = try file.map { path in
      [Manifest(try RunInputs.source(path).text, file: path)]
    }
    let access = try ClusterAccess(
      cluster, default: manifests.flatMap(SubmittedExperiment.namespace))
    let folder = URL(filePath: file ?? "").standardizedFileURL.deletingLastPathComponent()
    let request = SubmittedExperiment.Request(
      manifests: manifests ?? [], inference: inference, overrides: overrides, mode: mode,
      namespace: access.namespace
    ) { path in
      FileManager.default.contents(atPath: URL(filePath: path, relativeTo: folder).path)
        .map { [UInt8]($0) }
    }
    return ClusterRun(
      access: access, request: request, progress: progress, waits: wait, output: output)
  }

  private func newDirectory() throws -> RunDirectory {
    let inputs = try RunInputs(
      file: file, runner: place, profile: profile, options: options, seed: seed ?? 0,
      priors: prior, arguments: Array(CommandLine.arguments.dropFirst()))
    // Everything is checked before a file is written.
    let resolved = try inputs.resolved()
    return try RunDirectory(
      creating: output ?? "morphling-\(resolved.definition.name)", for: inputs, resolved)
  }
}

extension InferenceSettings.Mode: ExpressibleByArgument {
  package init?(argument: String) {
    guard
      let mode = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() })
    else { return nil }
    self = mode
  }

  package static var allValueStrings: [String] { allCases.map { $0.rawValue.lowercased() } }
}
