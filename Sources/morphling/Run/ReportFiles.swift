import Foundation
import Reporting
import Tuning

/// The files that a search leaves, wherever it ran.
struct ReportFiles {
  let report: Report
  let study: Study
  /// Where they go.
  let folder: String

  init(_ source: ReportSource, folder: String) throws {
    self.folder = folder
    study = source.study
    report = try source.report()
  }

  /// What is written, in the order of interest.
  var paths: [String] { contents.map { "\(folder)/\($0.name)" } }

  func write() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in contents {
      try Data(text.utf8).write(
        to: URL(filePath: folder).appending(path: name), options: .atomic)
    }
  }

  /// Prints the summary.
  func show() {
    let isColoured = Terminal.standardOutputIsColoured
    print(Summary(report, files: paths, isColoured: isColoured).text, terminator: "")
  }

  private var contents: [(name: String, text: String)] {
    let page = (try? Page(report).html()) ?? ""
    var files = [
      ("report.html", page), ("report.json", report.json),
      ("report.md", MarkdownReport(report).text), ("trials.csv", TrialTable(report).csv),
      ("profile.csv", RecordedProfile(report).csv),
      ("profile.json", RecordedProfile(report).sidecar),
    ]
    if let text = report.patches.inference { files.append(("inference.yaml", text)) }
    if let patch = report.patch { files.append(("patch.json", patch.text)) }
    if let text = report.patches.kustomize { files.append(("kustomization.yaml", text)) }
    return files
  }
}
