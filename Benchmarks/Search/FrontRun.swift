import BayesianOptimization
import Foundation
import Kubernetes
import Tuning

/// One search for a front by the model, and one in random order.
struct FrontRun {
  static let shares = [0.9, 0.95, 0.99]

  private let truth: FrontTruth
  private let seed: UInt64
  private let noise: Double
  private let budget: Int
  private var cells: [Int] = []
  /// At the stop.
  private var stop: Stop?

  private struct Stop {
    let trials: Int
    let bound: Double?
    let members: [Int]
  }

  init(_ truth: FrontTruth, seed: UInt64, noise: Double, budget: Int) throws {
    self.truth = truth
    self.seed = seed
    self.noise = noise
    self.budget = min(budget, truth.problem.count)
    try search()
  }

  /// Until the model stops and 99 % of the volume is reached.
  private mutating func search() throws {
    var study = try truth.study(seed: seed, budget: budget)
    while true {
      let model = StudyModel(study)
      if stop == nil, model.stopReason() != nil {
        let front = model.paretoFront()
        stop = Stop(
          trials: cells.count, bound: front?.regretBound?.fraction,
          members: (front?.members ?? []).compactMap { study.space.index(of: $0.configuration) })
      }
      let isReached = truth.trials(cells, until: Self.shares.suffix(1)) != [nil]
      guard cells.count < budget, stop == nil || !isReached,
        let next = model.proposals(1).first, let cell = study.space.index(of: next)
      else { return }
      cells.append(cell)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: next,
          outcome: truth.problem.outcome(of: cell, seed: seed, replicate: 0, noise: noise)))
    }
  }

  var json: JSONValue {
    var generator = SeededGenerator(seed: seed, stream: 41)
    let random = Array(0..<truth.problem.count).shuffled(using: &generator)
    func numbers(_ trials: [Int?]) -> JSONValue {
      .array(trials.map { $0.map { .integer($0) } ?? nil })
    }
    return [
      "problem": .string(truth.problem.name), "seed": .integer(Int(seed)), "noise": .number(noise),
      "objectives": .integer(truth.objectives.count), "budget": .integer(budget),
      "shares": .array(Self.shares.map { .number($0) }),
      "ours": numbers(truth.trials(cells, until: Self.shares)),
      "random": numbers(truth.trials(random, until: Self.shares)),
      "stop": stop.map(json) ?? nil, "tried": .integer(cells.count),
    ]
  }

  private func json(_ stop: Stop) -> JSONValue {
    let feasible = stop.members.filter { truth.places[$0] != nil }
    let shortfall = truth.shortfall(of: feasible)
    return [
      "trials": .integer(stop.trials), "bound": stop.bound.map { .number($0) } ?? nil,
      "shortfall": .number(shortfall),
      "holds": stop.bound.map { .bool(shortfall <= $0 + 1e-9) } ?? nil,
      "members": .integer(stop.members.count), "feasible": .integer(feasible.count),
      "volume": .number(truth.share(of: feasible)),
    ]
  }
}
