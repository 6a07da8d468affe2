import ArgumentParser
import Foundation

/// `morphling verify`
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Measure a run's recommendation again, beside the baseline.",
    discussion: """
      Starts and tests the recommended configuration and the baseline in turn, several times each, \
      under the same constraints, and prints what was measured. The best of many noisy measurements \
      flatters itself; this one has nothing to gain. The search itself is not changed. Results go to \
      verification.json in the directory of the run.

      Example:
        morphling verify morphling-minilm --repeats 3
      """)

  @Argument(help: "The directory of a run.", completion: .directory)
  var directory: String

  @Option(help: "Measurements of each.")
  var repeats = 3

  @Option(help: "How progress is shown: auto, plain or json.")
  var progress: ProgressStyle = .auto

  mutating func validate() throws {
    guard (1...100).contains(repeats) else {
      throw ValidationError("--repeats: \(repeats); a number from 1 to 100 is needed")
    }
  }

  func run() async throws {
    let directory = try RunDirectory(resuming: directory)
    try await VerificationRun(directory: directory, repeats: repeats, progress: progress).run()
  }
}
