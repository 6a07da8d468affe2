import BayesianOptimization
import Foundation
import Kubernetes
import Tuning

/// One search of one problem by the model, in this process.
struct SearchRun {
  /// What would be recommended after some trials, and how that compares with the truth.
  struct Verdict {
    let trials: Int
    /// Nil when nothing is recommended.
    let cell: Int?
    /// Of what is recommended: 1 where that is truly infeasible, or nothing is.
    let regret: Double
    let isFeasible: Bool
    /// Nil where the model doesn't vouch for one.
    let bound: Double?

    var boundHolds: Bool? { bound.map { regret <= $0 + 1e-9 } }
  }

  /// How trials are measured.
  struct Conditions {
    /// Whether a cell may be measured again.
    var repeats = false
    var kind = NoiseKind.even
    /// Whether hopeless trials are cut early.
    var cutsEarly = false
  }

  let problem: BenchmarkProblem
  let seed: UInt64
  let noise: Double
  let budget: Int
  /// Where verdicts are taken beside the stop.
  let checkpoints: [Int]
  /// Whether the search ends once one within 1 % of the best was measured.
  let untilNear: Bool
  private let earlier: [EarlierService]
  private let conditions: Conditions

  private(set) var cells: [Int] = []
  /// Trials until one within 1 % of the best was measured.
  private(set) var near: Int?
  private(set) var exact: Int?
  private(set) var stop: Verdict?
  private(set) var verdicts: [Verdict] = []
  private(set) var askMilliseconds: [Double] = []

  init(
    _ problem: BenchmarkProblem, seed: UInt64, noise: Double, budget: Int, checkpoints: [Int] = [],
    untilNear: Bool = false, earlier: [EarlierService] = [],
    conditions: Conditions = Conditions()
  ) throws {
    self.conditions = conditions
    self.untilNear = untilNear
    self.earlier = earlier
    self.problem = problem
    self.seed = seed
    self.noise = noise
    self.budget = min(budget, problem.count)
    self.checkpoints = checkpoints
    try search()
  }

  /// Searches until the model stops, and on until the best was measured, for its cost; at most to the
  /// budget.
  private mutating func search() throws {
    var study = try problem.study(seed: seed, budget: budget)
    study.earlier = earlier
    study.repeatsTrials = conditions.repeats
    while true {
      let start = Self.processorTime()
      let model = StudyModel(study)
      if stop == nil, !untilNear, model.stopReason() != nil { stop = verdict(model) }
      if checkpoints.contains(cells.count) { verdicts.append(verdict(model)) }
      let isFinished = stop != nil && exact != nil && cells.count >= (checkpoints.max() ?? 0)
      if cells.count >= budget || isFinished || (untilNear && near != nil) { return }
      guard let next = model.proposals(1).first,
        let cell = study.space.index(of: next)
      else { return }
      askMilliseconds.append(Self.processorTime() - start)
      let replicate = cells.count { $0 == cell }
      cells.append(cell)
      let outcome = problem.outcome(
        of: cell, seed: seed, replicate: replicate, noise: noise, kind: conditions.kind)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: next,
          outcome: conditions.cutsEarly ? study.cuttingEarly(outcome, at: next) : outcome))
      guard let regret = problem.regret(of: cell) else { continue }
      if near == nil, regret <= 0.01 { near = cells.count }
      if exact == nil, regret <= 0 { exact = cells.count }
    }
  }

  private func verdict(_ model: StudyModel) -> Verdict {
    guard case .recommended(let recommendation) = model.conclusion(),
      let cell = model.study.space.index(of: recommendation.configuration)
    else {
      return Verdict(trials: cells.count, cell: nil, regret: 1, isFeasible: false, bound: nil)
    }
    let regret = problem.regret(of: cell)
    return Verdict(
      trials: cells.count, cell: cell, regret: regret ?? 1, isFeasible: regret != nil,
      bound: recommendation.regretBound?.fraction)
  }

  /// Up to the stop.
  var infeasibleShare: Double {
    let tried = cells.prefix(stop?.trials ?? cells.count)
    return Double(tried.count { problem.truth[$0] == nil }) / Double(max(tried.count, 1))
  }

  /// Milliseconds that this process has computed for.
  static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }
}

extension SearchRun {
  /// The run as a line of the results, in the rivals' form.
  var json: JSONValue {
    [
      "problem": .string(problem.name), "peer": "morphling", "seed": .integer(Int(seed)),
      "noise": .number(noise), "budget": .integer(budget), "count": .integer(problem.count),
      "cells": .array(cells.map { .integer($0) }),
      "near": near.map { .integer($0) } ?? nil, "exact": exact.map { .integer($0) } ?? nil,
      "infeasible": .number(infeasibleShare),
      "stop": stop.map(Self.json) ?? nil, "verdicts": .array(verdicts.map(Self.json)),
      "ask_ms": .number(askMilliseconds.median),
    ]
  }

  private static func json(_ verdict: Verdict) -> JSONValue {
    [
      "trials": .integer(verdict.trials), "cell": verdict.cell.map { .integer($0) } ?? nil,
      "regret": .number(verdict.regret), "feasible": .bool(verdict.isFeasible),
      "bound": verdict.bound.map { .number($0) } ?? nil,
    ]
  }
}

extension [Double] {
  var median: Double { quantile(0.5) }

  /// The smallest value that at least a share of all don't exceed; infinity for nothing.
  func quantile(_ share: Double) -> Double {
    guard !isEmpty else { return .infinity }
    return sorted()[Swift.max(0, Int((share * Double(count)).rounded(.up)) - 1)]
  }
}
