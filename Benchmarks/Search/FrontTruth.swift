import BayesianOptimization
import Foundation
import Tuning

/// A problem with several objectives, and its true front.
struct FrontTruth {
  let problem: BenchmarkProblem
  let objectives: [Objective]
  /// Of each cell the logarithm of every objective, turned so that more is better; nil where it is
  /// truly infeasible.
  let places: [[Double]?]
  private let reference: [Double]
  /// What the true front dominates.
  private let volume: Double

  init(_ problem: BenchmarkProblem, objectives count: Int) throws {
    let terms: [(Metric, Objective.Direction)] = [
      (SyntheticService.throughput, .maximize), (SyntheticService.cost, .minimize),
      (SyntheticService.latency, .minimize),
    ]
    let chosen = terms.prefix(count)
    self.problem = problem
    objectives = try chosen.map { Objective($0.1, try Expression($0.0.name)) }
    let places = problem.rows.indices.map { cell -> [Double]? in
      guard let row = problem.rows[cell], count > 2 || problem.truth[cell] != nil else {
        return nil
      }
      let values = chosen.compactMap { metric, direction in
        row[metric].map { direction == .maximize ? log($0) : -log($0) }
      }
      return values.count == count ? values : nil
    }
    let feasible = places.compactMap { $0 }
    let reference = (0..<count).map { k in (feasible.map { $0[k] }.min() ?? 0) - 0.01 }
    self.places = places
    self.reference = reference
    volume = ParetoImprovement(front: feasible, reference: reference).volume
  }

  func study(seed: UInt64, budget: Int) throws -> Study {
    let plain = try problem.study(seed: seed, budget: budget)
    return Study(
      name: plain.name, space: plain.space, objective: objectives[0],
      furtherObjectives: Array(objectives.dropFirst()),
      constraints: objectives.count > 2 ? [] : plain.constraints, limits: plain.limits,
      expectedNoise: plain.expectedNoise, seed: seed)
  }

  /// The share of the true front's volume that these cells dominate.
  func share(of cells: [Int]) -> Double {
    ParetoImprovement(front: cells.compactMap { places[$0] }, reference: reference).volume / volume
  }

  /// The least share by which some configuration beats each of these in some objective: the
  /// ε-indicator. 1 where none of them is truly feasible.
  func shortfall(of cells: [Int]) -> Double {
    let members = cells.compactMap { places[$0] }
    var worst = 0.0
    for rival in places.compactMap({ $0 }) {
      worst = max(worst, members.map { shortfall(of: $0, from: rival) }.min() ?? 1)
    }
    return worst
  }

  /// The greatest share by which the rival is better in any objective.
  private func shortfall(of member: [Double], from rival: [Double]) -> Double {
    objectives.indices.map { k -> Double in
      let gain = max(rival[k] - member[k], 0)
      return objectives[k].direction == .maximize ? 1 - exp(-gain) : exp(gain) - 1
    }.max() ?? 0
  }

  /// Trials until these cells, in their order, dominate each of the shares; nil where they never do.
  func trials(_ cells: [Int], until shares: [Double]) -> [Int?] {
    var front: [[Double]] = []
    var reached = [Int?](repeating: nil, count: shares.count)
    for (index, cell) in cells.enumerated() {
      guard let place = places[cell] else { continue }
      let grown = ParetoImprovement.undominated(front + [place])
      guard grown != front else { continue }
      front = grown
      let share = ParetoImprovement(front: front, reference: reference).volume / volume
      for (number, wanted) in shares.enumerated() where reached[number] == nil && share >= wanted {
        reached[number] = index + 1
      }
      if !reached.contains(nil) { break }
    }
    return reached
  }
}
