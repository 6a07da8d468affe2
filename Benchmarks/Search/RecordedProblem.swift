import BayesianOptimization
import CustomResources
import Foundation
import GaussianProcess
import Tuning

/// A recorded table as a problem whose best configuration is known.
struct RecordedProblem {
  let name: String
  let space: SearchSpace
  private let table: ProfileTable
  private let definition: ExperimentDefinition
  /// The objective of every truly feasible configuration.
  private let truth: [Configuration: Double]
  private let best: Double

  init(table path: String, objective: String, bounds: [String], budget: String) throws {
    let reference = ProfileReference(path)
    let read = ProfileTable.read(
      csv: (try String(contentsOfFile: reference.csvPath, encoding: .utf8), reference.csvPath),
      sidecar: (
        try String(contentsOfFile: reference.sidecarPath, encoding: .utf8), reference.sidecarPath
      ), service: reference.service)
    let overrides = Overrides(
      bounds: try bounds.map { try Overrides.Bound($0) }, budget: try Budget(budget),
      objective: try Overrides.objective(objective))
    guard let table = read.table else { throw BenchmarkError(text: "\(read.diagnostics)") }
    let decoded = ExperimentDefinition.decode([], replaying: table, overrides: overrides)
    guard let definition = decoded.definition else {
      throw BenchmarkError(text: "\(decoded.diagnostics)")
    }
    let study = definition.study(seed: 0)
    var truth: [Configuration: Double] = [:]
    for cell in 0..<definition.space.count {
      let configuration = definition.space.configuration(at: cell)
      guard case .measured(let values) = table[configuration] else { continue }
      let trial = Trial(
        ordinal: 0, configuration: configuration, outcome: .measured(Measurement(values: values)))
      truth[configuration] = study.feasibleObjective(of: trial)
    }
    let better = definition.objective.isBetter
    guard let best = truth.values.max(by: { better($1, $0) }) else {
      throw BenchmarkError(text: "\(path): no configuration is feasible")
    }
    self.name = table.name
    self.space = definition.space
    self.table = table
    self.definition = definition
    self.truth = truth
    self.best = best
  }

  var feasibleCount: Int { truth.count }

  /// A search by the model to its own end.
  func search(seed: UInt64, noise: Double) throws -> SearchRecord {
    var study = definition.study(seed: seed)
    while true {
      let model = StudyModel(study)
      guard model.stopReason() == nil, let next = model.proposals(1).first else { break }
      study.trials.append(trial(next, study.trials.count + 1, seed, noise))
    }
    var recommended: Configuration?
    if case .recommended(let recommendation) = StudyModel(study).conclusion() {
      recommended = recommendation.configuration
    }
    return record(study, recommended)
  }

  /// Configurations at random up to the limit of trials; the best that was measured as feasible is
  /// recommended, as most tools do.
  func randomSearch(seed: UInt64, noise: Double) throws -> SearchRecord {
    var generator = SeededGenerator(seed: seed, stream: 77)
    var study = definition.study(seed: seed)
    let cells = (0..<space.count).shuffled(using: &generator).prefix(study.limits.trialsMax)
    for cell in cells {
      study.trials.append(
        trial(space.configuration(at: cell), study.trials.count + 1, seed, noise))
    }
    return record(study, study.incumbent?.configuration)
  }

  /// Equal for every search with the seed: comparisons are paired.
  private func trial(
    _ configuration: Configuration, _ ordinal: Int, _ seed: UInt64, _ noise: Double
  ) -> Trial {
    let cell = UInt64(space.index(of: configuration) ?? 0)
    var generator = SeededGenerator(seed: seed, stream: 1_000 + cell)
    let outcome: Outcome
    switch table[configuration] {
    case .measured(let values):
      let draws = NormalDistribution.draws(values.count, using: &generator)
      let noisy = values.sorted { $0.key.name < $1.key.name }.enumerated().map { index, value in
        (value.key, value.value * exp(noise * draws[index]))
      }
      outcome = .measured(Measurement(values: Dictionary(uniqueKeysWithValues: noisy)))
    case .infeasible, nil:
      outcome = .infeasible(
        Infeasibility(.neverReady, .starting, detail: "recorded as unable to serve"))
    }
    return Trial(ordinal: ordinal, configuration: configuration, outcome: outcome)
  }

  private func record(_ study: Study, _ recommended: Configuration?) -> SearchRecord {
    let values = study.trials.map { truth[$0.configuration] }
    return SearchRecord(
      trials: study.trials.count,
      regret: recommended.flatMap { truth[$0] }.map(regret) ?? 1,
      trialsUntilNear: values.firstIndex { $0.map { regret($0) <= 0.01 } ?? false }.map { $0 + 1 },
      trialsUntilBest: values.firstIndex { $0 == best }.map { $0 + 1 })
  }

  private func regret(_ value: Double) -> Double {
    definition.objective.direction == .maximize ? 1 - value / best : value / best - 1
  }
}

/// What came of one search.
struct SearchRecord: CustomStringConvertible {
  let trials: Int
  /// Of the recommended configuration, 1 where it is truly infeasible or there is none.
  let regret: Double
  /// Trials until one within 1 % of the best was measured.
  let trialsUntilNear: Int?
  let trialsUntilBest: Int?

  var description: String {
    "\(trials) trials, regret \(regret), near after \(trialsUntilNear.map(String.init) ?? "never"), "
      + "exact after \(trialsUntilBest.map(String.init) ?? "never")"
  }
}

/// Why a benchmark can't run.
struct BenchmarkError: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
