import ArgumentParser
import Foundation
import Reporting

/// `morphling report`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show a run's result, and write its files anew.",
    discussion: """
      Reads the journal of a run, also of one that was interrupted or is still running, writes \
      report.json, report.html and the other files from it, and prints the summary.

      Examples:
        morphling report morphling-minilm
        morphling report morphling-minilm --format markdown
        morphling report morphling-minilm --format json | jq .recommendation
        morphling report --schema
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, markdown, json, csv
  }

  @Argument(help: "The directory of a run.", completion: .directory)
  var directory: String?

  @Option(help: "What to print: text, markdown, json or csv.")
  var format: Format = .text

  @Flag(help: "Print the JSON Schema of report.json and end.")
  var schema = false

  mutating func validate() throws {
    if directory == nil, !schema {
      throw ValidationError("no directory; name the one that a run wrote to")
    }
  }

  func run() async throws {
    guard let directory, !schema else {
      print(ReportSchema.text)
      return
    }
    let run = try RunDirectory(reading: directory)
    let files = try ReportFiles(run)
    try files.write()
    switch format {
    case .text:
      print(
        Summary(
          files.report, files: files.paths, isColoured: Terminal.standardOutputIsColoured
        ).text,
        terminator: "")
    case .markdown: print(MarkdownReport(files.report).text, terminator: "")
    case .json: print(files.report.json, terminator: "")
    case .csv: print(TrialTable(files.report).csv, terminator: "")
    }
    if files.report.recommendation == nil { throw ExitCode(ExitStatus.nothingFeasible.rawValue) }
  }
}
