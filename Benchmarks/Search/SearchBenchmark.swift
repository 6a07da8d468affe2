import ArgumentParser
import CustomResources
import Foundation
import Tuning

/// How many trials a search takes on a recorded table, and how good what it recommends is, beside
/// random search on the same table.
@main
struct SearchBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-benchmark",
    abstract: "Trials used and regret left, over many seeds, on a recorded table.",
    discussion: """
      Example:
        search-benchmark resnet50.csv --objective "throughput_rps / gpu_memory_gib" \\
          --slo latency_ms=100 --seeds 20 --noise 0.03
      """)

  @Argument(help: "The table: a CSV file with a JSON file beside it.")
  var tables: [String]

  @Option(help: "What to maximize or minimize.")
  var objective = "throughput_rps"

  @Option(help: "A bound that must hold, like latency_ms=100.")
  var slo: [String] = []

  @Option(help: "Trials at most, a number or a share of the space.")
  var budget = "0.2"

  @Option(help: "Searches, each with a seed of its own.")
  var seeds = 20

  @Option(help: "Relative standard deviation of the measurements (lognormal).")
  var noise = 0.0

  @Flag(help: "A line for each search.")
  var verbose = false

  func run() throws {
    print(
      "table                     points  feasible  |  trials      regret %     near 1 %     exact")
    print(
      "                                            |  med  p90   med    p90   med   p90   med  p90")
    for table in tables {
      let problem = try RecordedProblem(
        table: table, objective: objective, bounds: slo, budget: budget)
      report("", problem, try searches(problem) { try problem.search(seed: $0, noise: noise) })
      let random = try searches(problem) { try problem.randomSearch(seed: $0, noise: noise) }
      report("  random", problem, random)
    }
  }

  private func searches(
    _ problem: RecordedProblem, _ search: (UInt64) throws -> SearchRecord
  ) throws -> [SearchRecord] {
    try (0..<UInt64(seeds)).map { seed in
      let record = try search(seed)
      if verbose { print("  seed \(seed): \(record)") }
      return record
    }
  }

  private func report(_ suffix: String, _ problem: RecordedProblem, _ records: [SearchRecord]) {
    let columns = [
      Self.quantiles(records.map { Double($0.trials) }, decimals: 0),
      Self.quantiles(records.map { 100 * $0.regret }, decimals: 2),
      Self.quantiles(records.map { $0.trialsUntilNear.map(Double.init) ?? .infinity }, decimals: 0),
      Self.quantiles(records.map { $0.trialsUntilBest.map(Double.init) ?? .infinity }, decimals: 0),
    ]
    let name = (problem.name + suffix).padding(toLength: 24, withPad: " ", startingAt: 0)
    let counts =
      suffix.isEmpty
      ? "\(Self.padded(problem.space.count, 6))  \(Self.padded(problem.feasibleCount, 8))"
      : String(repeating: " ", count: 16)
    print("\(name)  \(counts)  | \(columns.joined(separator: "  "))")
  }

  /// Median and 90th percentile; `>` where a search never got there.
  private static func quantiles(_ values: [Double], decimals: Int) -> String {
    let sorted = values.sorted()
    return [0.5, 0.9].map { share in
      let rank = max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)
      let value = sorted[rank]
      guard value.isFinite else { return "   >" }
      return String(format: "%\(decimals == 0 ? 4 : 5).\(decimals)f", value)
    }.joined(separator: " ")
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - String(number).count)) + String(number)
  }
}
