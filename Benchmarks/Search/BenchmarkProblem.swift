import CustomResources
import Foundation
import Kubernetes
import Tuning

/// A table whose best configuration is known, and the `init` message of the ask-tell protocol that
/// goes with it: what `morphling optimize` reads is what is searched here.
struct BenchmarkProblem {
  let name: String
  /// The `init` message without seed and budget.
  let message: JSONObject
  /// What each cell truly reports; nil where it can't start.
  let rows: [[Metric: Double]?]
  /// Metrics that are told without noise, such as a cost.
  let exact: Set<Metric>
  /// The allowed configurations as CSV; nil where all combinations are allowed.
  let grid: String?
  /// Services that were measured before, where there are any.
  var earlier: () throws -> [EarlierTable] = { [] }

  private let study: Study
  /// The true objective of each cell; nil where it can't start or breaks a bound.
  let truth: [Double?]
  let best: Double

  init(
    message: JSONObject, rows: [[Metric: Double]?], exact: Set<Metric>, grid: String? = nil
  ) throws {
    self.message = message
    self.rows = rows
    self.exact = exact
    self.grid = grid
    name = message["name"]?.string ?? "problem"
    let study = try Self.study(message, grid, seed: 0, budget: 2)
    self.study = study
    guard study.space.count == rows.count else {
      throw BenchmarkError(text: "\(name): \(rows.count) rows for \(study.space.count) cells")
    }
    truth = rows.enumerated().map { cell, values in
      values.flatMap {
        study.feasibleObjective(
          of: Trial(
            ordinal: 0, configuration: study.space.configuration(at: cell),
            outcome: .measured(Measurement(values: $0))))
      }
    }
    let feasible = truth.compactMap { $0 }
    guard let best = feasible.max(by: { study.objective.isBetter($1, than: $0) }) else {
      throw BenchmarkError(
        text:
          "\(name): no configuration is feasible; \(rows.count { $0 != nil }) of \(rows.count) can start"
      )
    }
    self.best = best
  }

  /// Metrics in the order of their names.
  var metrics: [Metric] {
    (message["metrics"]?.array ?? []).compactMap(\.string).sorted().map { Metric($0) }
  }

  var count: Int { rows.count }
  var failingShare: Double { 1 - Double(rows.count { $0 != nil }) / Double(count) }
  var infeasibleShare: Double { 1 - Double(truth.count { $0 != nil }) / Double(count) }

  /// The study as `morphling optimize` would begin it.
  func study(seed: UInt64, budget: Int) throws -> Study {
    try Self.study(message, grid, seed: seed, budget: budget)
  }

  private static func study(
    _ message: JSONObject, _ grid: String?, seed: UInt64, budget: Int
  ) throws -> Study {
    var message = message
    message["seed"] = .integer(Int(seed))
    message["budget"] = .integer(budget)
    let files = AskTellFiles { path throws(AskTellError) in
      guard let grid else { throw AskTellError(path, found: "no file", needed: "a grid is needed") }
      return grid
    }
    return try AskTellReader(.object(message), files: files).problem().study
  }

  /// By which share the cell is worse than the best; nil where it is truly infeasible.
  func regret(of cell: Int) -> Double? {
    truth[cell].map {
      study.objective.direction == .maximize ? 1 - $0 / best : $0 / best - 1
    }
  }

  /// What a measurement of the cell gives: lognormal noise on every metric that isn't exact, the same
  /// for everyone who measures this cell with this seed for the `replicate`-th time.
  func outcome(of cell: Int, seed: UInt64, replicate: Int, noise: Double) -> Outcome {
    guard let row = rows[cell] else {
      return .infeasible(
        Infeasibility(.outOfMemory, .starting, detail: "it could not start, or died"))
    }
    var values: [Metric: Double] = [:]
    for (number, metric) in metrics.enumerated() {
      guard let value = row[metric] else { continue }
      let draw = Self.noise("\(name)|\(seed)|\(cell)|\(replicate)|\(number)")
      values[metric] = exact.contains(metric) ? value : value * exp(noise * draw)
    }
    return .measured(Measurement(values: values))
  }

  /// A standard normal number that depends on a text alone, by the rule that the rivals' runner has
  /// too (G. E. P. Box, M. E. Muller, *Annals of Mathematical Statistics* 29, 1958).
  private static func noise(_ text: String) -> Double {
    var generator = SeededGenerator(seed: SeededGenerator.seed(of: text))
    let radius = (-2 * log(generator.nextUnit())).squareRoot()
    return radius * cos(2 * .pi * generator.nextUnit())
  }
}

/// Why a benchmark can't run.
struct BenchmarkError: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
