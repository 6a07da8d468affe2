import ArgumentParser
import Foundation
import Kubernetes

/// Searches with several objectives, beside random choice.
struct FrontCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "front",
    abstract: "Several objectives: trials until the front that was measured is the true one.",
    discussion: """
      Rate and cost within the bound on latency; with three objectives the latency is one of them and
      there is no bound. Volumes are of logarithms, above the worst feasible value of each objective.
      """)

  @OptionGroup var choice: ProblemOptions

  @Option(help: "Objectives: 2 or 3.")
  var objectives = 2

  @Option(help: "Searches of each problem, each with a seed of its own.")
  var seeds = 1

  @Option(help: "Relative standard deviation of the measurements (lognormal).")
  var noise = 0.03

  @Option(help: "Trials at most.")
  var budget = 144

  @Option(
    help: "A file to which each search adds a line of JSON; searches found there are skipped.")
  var results: String?

  func validate() throws {
    guard (2...3).contains(objectives) else { throw ValidationError("--objectives is 2 or 3") }
  }

  func run() throws {
    let log = try results.map { try ResultLog(path: $0) }
    for problem in try choice.problems() {
      for seed in 0..<UInt64(seeds) {
        if log?.contains(problem.name, seed: seed, noise: noise) == true { continue }
        let truth = try FrontTruth(problem, objectives: objectives)
        let run = try FrontRun(truth, seed: seed, noise: noise, budget: budget)
        try log?.append(run.json)
        print(JSONText.encode(run.json))
        // A long run is watched while it goes on.
        fflush(nil)
      }
    }
  }
}
