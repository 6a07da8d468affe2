import ArgumentParser
import BayesianOptimization
import Foundation
import Tuning

/// What was measured of a service before, for warm starts.
struct EarlierTable {
  /// Which of them a search gets.
  enum Kind: String, ExpressibleByArgument {
    case none, tables, misleading
  }

  let name: String
  let trials: [Trial]
}

extension SyntheticService {
  /// Eight other services on the same types of GPU: five of the same family and three of others that
  /// name their parameters alike, each with constants of its own, measured whole with noise.
  func earlier() throws -> [EarlierTable] {
    let others = ServiceFamily.allCases.filter {
      $0 != family && $0.memoryName == family.memoryName
    }
    return try (0..<8).map { number in
      let isOther = number >= 5 && !others.isEmpty
      let neighbour = SyntheticService(
        name: "beside-\(name)-\(number)",
        family: isOther ? others[number % others.count] : family, cards: cards)
      let problem = try neighbour.problem()
      let space = try problem.study(seed: 0, budget: 2).space
      return EarlierTable(
        name: neighbour.name,
        trials: (0..<problem.count).map { cell in
          Trial(
            ordinal: cell, configuration: space.configuration(at: cell),
            outcome: problem.outcome(of: cell, seed: 0, replicate: 0, noise: 0.03))
        })
    }
  }
}

extension BenchmarkProblem {
  func earlierServices(_ kind: EarlierTable.Kind) throws -> [EarlierService] {
    guard kind != .none else { return [] }
    let space = try study(seed: 0, budget: 2).space
    return try earlier().enumerated().compactMap { number, table in
      EarlierService(
        name: table.name,
        trials: kind == .tables ? table.trials : Self.misleading(table.trials, number), over: space)
    }
  }

  /// Outcomes exchanged at random, or, of every other table, each metric turned round about its
  /// geometric mean: what was best is worst, at the usual level.
  private static func misleading(_ trials: [Trial], _ number: Int) -> [Trial] {
    guard number.isMultiple(of: 2) else {
      let measured = trials.compactMap(\.measurement?.values)
      let columns: [Metric: [Double]] = Dictionary(
        grouping: measured.flatMap { $0.map { $0 } }, by: \.key
      ).mapValues { $0.map(\.value) }
      let squares = columns.mapValues { values in
        exp(2 * values.map { log($0) }.reduce(0, +) / Double(values.count))
      }
      return trials.map { trial in
        var turned = trial
        if let values = trial.measurement?.values {
          let mirrored = values.map { metric, value in (metric, (squares[metric] ?? 1) / value) }
          turned.outcome = .measured(
            Measurement(values: Dictionary(uniqueKeysWithValues: mirrored)))
        }
        return turned
      }
    }
    var generator = SeededGenerator(seed: UInt64(number), stream: 5)
    let outcomes = trials.map(\.outcome).shuffled(using: &generator)
    return zip(trials, outcomes).map { trial, outcome in
      Trial(ordinal: trial.ordinal, configuration: trial.configuration, outcome: outcome)
    }
  }
}
