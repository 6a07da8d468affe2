import ArgumentParser
import Foundation
import Kubernetes

/// How many trials a search takes on problems whose answer is known, and how good what it recommends
/// is.
@main
struct SearchBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-benchmark",
    abstract: "The search on problems whose best configuration is known.",
    subcommands: [
      SearchCommand.self, FrontCommand.self, ExportCommand.self, SpeedCommand.self,
    ],
    defaultSubcommand: SearchCommand.self)
}

/// Searches each problem with each seed by the model.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Trials used and regret left, over many seeds.",
    discussion: """
      Examples:
        search-benchmark --draw 12 --seeds 4
        search-benchmark --services photo-tagger --seeds 20 --quiet
      """)

  @OptionGroup var choice: ProblemOptions

  @Option(help: "Searches of each problem, each with a seed of its own.")
  var seeds = 20

  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 0

  @Option(help: "Relative standard deviation of the measurements (lognormal).")
  var noise = 0.03

  @Option(help: "Trials at most.")
  var budget = 144

  @Option(
    help: "A file to which each search adds a line of JSON; searches found there are skipped.")
  var results: String?

  @Option(help: "Numbers of trials after which the recommendation is judged.")
  var checkpoint: [Int] = []

  @Option(help: "Earlier services to start from: none, tables, misleading (made wrong on purpose).")
  var earlier = EarlierTable.Kind.none

  @Flag(help: "A configuration near a limit may be measured again.")
  var repeats = false

  @Option(help: "Whether all measurements are equally noisy: even; told or untold where not.")
  var noiseKind = NoiseKind.even

  @Flag(help: "Trials that can't come near the incumbent are cut early and give a bound alone.")
  var cutEarly = false

  @Flag(help: "End each search once one within 1 % of the best was measured.")
  var untilNear = false

  @Flag(help: "No line for each search.")
  var quiet = false

  func run() throws {
    let log = try results.map { try ResultLog(path: $0) }
    var all: [SearchRun] = []
    var summaries: [RunSummary] = []
    for problem in try choice.problems() {
      var runs: [SearchRun] = []
      let earlier = try problem.earlierServices(earlier)
      for seed in firstSeed..<(firstSeed + UInt64(seeds)) {
        if log?.contains(problem.name, seed: seed, noise: noise) == true { continue }
        let run = try SearchRun(
          problem, seed: seed, noise: noise, budget: budget, checkpoints: checkpoint,
          untilNear: untilNear, earlier: earlier,
          conditions: SearchRun.Conditions(
            repeats: repeats, kind: noiseKind, cutsEarly: cutEarly))
        try log?.append(run.json)
        if !quiet { print(RunSummary.line(of: run)) }
        // A long run is watched while it goes on.
        fflush(nil)
        runs.append(run)
      }
      if !runs.isEmpty { summaries.append(RunSummary(name: problem.name, runs: runs)) }
      all += runs
    }
    guard !all.isEmpty else { return print("nothing left to search") }
    print(RunSummary.header)
    for summary in summaries { print(summary.line) }
    print(RunSummary(name: "all \(all.count)", runs: all).line)
  }
}

/// Writes problems as files, for optimizers in other languages.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write each problem as NAME.json (its init message) and NAME.csv (what each cell "
      + "reports).")

  @OptionGroup var choice: ProblemOptions

  @Option(help: "The folder to write into.")
  var output = ".benchmark/problems"

  func run() throws {
    try FileManager.default.createDirectory(
      atPath: output, withIntermediateDirectories: true)
    for problem in try choice.problems() {
      try problem.write(to: output)
      print(
        problem.name.padding(toLength: 24, withPad: " ", startingAt: 0),
        String(
          format: "%5d cells  %3.0f %% can't start  %3.0f %% infeasible", problem.count,
          100 * problem.failingShare, 100 * problem.infeasibleShare),
        " within 1 %: \(problem.nearCount)")
    }
  }
}
