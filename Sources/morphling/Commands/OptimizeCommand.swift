import ArgumentParser
import Controllers
import CustomResources
import Foundation
import Kubernetes

/// `morphling optimize`
struct OptimizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize",
    abstract: "The optimizer alone, as a filter for any driver.",
    discussion: """
      Reads one JSON object a line on standard input and answers each with exactly one line on \
      standard output. The driver measures; this program proposes:

        {"init": {"name": …, "knobs": […], "objective": …, "constraint": …, "metrics": […], …}}
        {"ask": 1}                → {"configs": [{…}]}
        {"tell": [{"knobs": {…}, "metrics": {…}, "feasible": true, "oom": false}]}
        {"recommend": true}       → {"config": {…}, "expected": {…}, "regret": …, …}

      A line that can't be used is answered with {"error": …} and changes nothing.

      Example:
        driver | morphling optimize
      """)

  func run() throws {
    let files = AskTellFiles(
      read: { path throws(AskTellError) in
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
          throw AskTellError(path, found: "no readable file", needed: "a CSV file is needed")
        }
        return text
      },
      tables: { directory throws(AskTellError) in
        guard let tables = PriorTables.read(directory) else {
          throw AskTellError(
            "init.prior", found: "no readable directory \"\(directory)\"",
            needed: "a directory with profiles is needed")
        }
        return tables
      })
    var session = OptimizerSession(version: Version.text, files: files)
    while let line = readLine(strippingNewline: true) {
      let answer = JSONText.encode(session.reply(to: line.utf8)) + "\n"
      FileHandle.standardOutput.write(Data(answer.utf8))
    }
  }
}
