import ArgumentParser
import Controllers
import CustomResources
import Foundation
import Kubernetes
import Reporting
import Tuning

/// `morphling report`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show the result of a run or of an experiment, and write its files anew.",
    discussion: """
      Reads the journal of a run, also of one that was interrupted or is still running, writes \
      report.json, report.html and the other files from it, and prints the summary. The same of an \
      experiment in a cluster, from its Trials there: experiment/NAME, or the name alone where \
      there is no such directory.

      With --slo it says instead what would have been recommended under another bound on p99, read \
      off the curves of latency against load, or which tests it would take to know.

      Examples:
        morphling report morphling-minilm
        morphling report morphling-minilm --format markdown
        morphling report morphling-minilm --format json | jq .recommendation
        morphling report morphling-minilm --slo p99=80ms
        morphling report experiment/embedder --namespace shop --output result
        morphling report --schema
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, markdown, json, csv
  }

  @Argument(
    help: ArgumentHelp(
      "The directory of a run, or an experiment in the cluster.", valueName: "directory|experiment"),
    completion: .directory)
  var source: String?

  @Option(help: "What to print: text, markdown, json or csv.")
  var format: Format = .text

  @Option(
    help: ArgumentHelp(
      "Where the files of an experiment in a cluster go (default: morphling-NAME).",
      valueName: "directory"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Answer another bound from what was measured, like p99=80ms; as text or json.",
      valueName: "p99=bound"))
  var slo: String?

  @Flag(help: "Print the JSON Schema of report.json and end.")
  var schema = false

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  mutating func validate() throws {
    if source == nil, !schema {
      throw ValidationError(
        "no directory; name the one that a run wrote to, or an experiment in the cluster")
    }
  }

  func run() async throws {
    guard let source, !schema else {
      print(ReportSchema.text)
      return
    }
    let bound = try slo.map(Self.bound)
    let files = try await files(of: source)
    if let bound { return try answer(bound, files.study) }
    try files.write()
    switch format {
    case .text: files.show()
    case .markdown: print(MarkdownReport(files.report).text, terminator: "")
    case .json: print(files.report.json, terminator: "")
    case .csv: print(TrialTable(files.report).csv, terminator: "")
    }
    if files.report.recommendation == nil { throw ExitCode(ExitStatus.nothingFeasible.rawValue) }
  }

  /// Milliseconds of the 99th percentile.
  private static func bound(_ text: String) throws -> Double {
    let bound: Overrides.Bound
    do throws(OptionError) {
      bound = try Overrides.Bound(text)
    } catch {
      throw Failure(.wrongInput, "\(error.problem)")
    }
    guard bound.metric == .latencyP99, bound.maximum > 0 else {
      throw Failure(
        .wrongInput, "error: --slo: \"\(text)\"; a bound on p99 like p99=80ms is needed")
    }
    return bound.maximum
  }

  private func answer(_ bound: Double, _ study: Study) throws {
    guard format == .text || format == .json else {
      throw ValidationError("--slo: the answer is given as text or json")
    }
    let question = BoundQuestion(study, bound: bound)
    print(format == .json ? question.json.text : question.text, terminator: "")
    if !question.isAnswered { throw ExitCode(ExitStatus.nothingFeasible.rawValue) }
  }

  private func files(of source: String) async throws -> ReportFiles {
    let name = ExperimentName(source)
    // Only the name of an object can be one: paths have slashes and dots.
    let canBeName = !name.text.contains { $0 == "/" } && name.text.first != "."
    let isDirectory = FileManager.default.fileExists(atPath: source) || !canBeName
    guard name.isExplicit || (cluster.isGiven && canBeName) || !isDirectory else {
      guard output == nil else {
        throw ValidationError(
          "--output: given with the directory of a run, whose files are written there")
      }
      let run = try RunDirectory(reading: source)
      return try ReportFiles(try run.reportSource(), folder: run.path)
    }
    let folder = output ?? "morphling-\(name.text)"
    try ClusterReport.check(folder)
    let access: ClusterAccess
    do {
      access = try ClusterAccess(cluster)
    } catch let failure as Failure where !name.isExplicit && !cluster.isGiven {
      throw Failure(
        failure.status, "error: \(source): no such directory, and no cluster\n\(failure)")
    }
    return try await access.perform {
      let snapshot = try await ExperimentSnapshot.read(access.key(name.text), from: access.client)
      return try ClusterReport(access, snapshot).files(
        folder: folder, command: Array(CommandLine.arguments.dropFirst()))
    }
  }
}
