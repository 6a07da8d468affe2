import Reporting
import Tuning

/// Searches that ended oddly.
enum OddFixture {
  static func noTrials() throws -> Report {
    Fixture.report(
      of: try Fixture.study(trials: []), conclusion: Fixture.nothing, stopReason: nil)
  }

  /// The first trial still runs: the search was interrupted.
  static func pendingOnly() throws -> Report {
    let pending = Trial(ordinal: 0, configuration: try Fixture.configuration("1 2Gi 1 1 1 0"))
    return Fixture.report(
      of: try Fixture.study(trials: [pending]), conclusion: Fixture.nothing, stopReason: nil)
  }

  static func nothingMeasured() throws -> Report {
    let detail = "exit status 127: tritonserver: not found"
    let trials = try [
      Fixture.failed(0, "1 2Gi 1 1 1 0", .exited, .starting, detail),
      Fixture.failed(1, "2 2Gi 1 1 1 0", .exited, .starting, detail),
      Fixture.failed(2, "2 256Mi 1 1 1 0", .outOfMemory, .starting, "limit of 256Mi"),
    ]
    return Fixture.report(of: try Fixture.study(trials: trials), conclusion: Fixture.nothing)
  }

  /// Every trial was measured, and each breaks a bound that the stress test doesn't hold.
  static func nothingFeasible() throws -> Report {
    let bounds = [
      Fixture.p99Bound, Constraint(metric: .memory, maximum: 0.4, isHeldByStressTest: false),
    ]
    let trials = try [
      Fixture.measured(0, "1 2Gi 1 1 1 0", rate: 41.2, base: 24, memory: 0.61),
      Fixture.measured(1, "1 512Mi 1 1 8 500", rate: 58.4, base: 26, memory: 0.47),
      Fixture.failed(2, "2 256Mi 1 1 1 0", .outOfMemory, .starting, "limit of 256Mi"),
    ]
    let miss = NearestMiss(
      trialOrdinal: 1, configuration: try Fixture.configuration("1 512Mi 1 1 8 500"),
      toRelax: ["peak memory ≤ 0.47 GiB instead of 0.4 GiB"])
    return Fixture.report(
      of: try Fixture.study(trials: trials, constraints: bounds),
      conclusion: .nothingFeasible(miss))
  }

  static func baselineFailed() throws -> Report {
    let trials = try [
      Fixture.failed(0, "1 256Mi 1 1 1 0", .outOfMemory, .starting, "limit of 256Mi"),
      Fixture.measured(1, "2 512Mi 1 2 8 500", rate: 112, base: 20, memory: 0.49),
      Fixture.measured(2, "2 512Mi 1 1 8 500", rate: 99, base: 20, memory: 0.48),
    ]
    return try recommended(1, of: Fixture.study(trials: trials))
  }

  static func oneTrial() throws -> Report {
    let only = try Fixture.measured(0, "1 2Gi 1 1 1 0", rate: 41.2, base: 24, memory: 0.61)
    return try recommended(0, of: Fixture.study(trials: [only]))
  }

  /// A recorded table, without load steps, prices or durations.
  static func replay() throws -> Report {
    let rows = [("1 2Gi 1 1 1 0", 41.2), ("2 512Mi 1 2 8 500", 112.0), ("2 1Gi 1 2 8 500", 108.0)]
    let trials = try rows.enumerated().map { ordinal, row in
      Trial(
        ordinal: ordinal, configuration: try Fixture.configuration(row.0),
        outcome: .measured(Measurement(values: ["throughput_rps": row.1, "latency_ms": 90])))
    }
    let study = try Fixture.study(
      trials: trials, objective: Objective(.maximize, Expression("throughput_rps")),
      constraints: [Constraint(metric: "latency_ms", maximum: 100, isHeldByStressTest: false)],
      cost: nil)
    return try recommended(1, of: study)
  }

  static func minimized() throws -> Report {
    let trials = try [
      Fixture.measured(0, "1 2Gi 1 1 1 0", rate: 41.2, base: 24, memory: 0.61),
      Fixture.measured(1, "2 512Mi 1 2 8 500", rate: 112, base: 20, memory: 0.49),
      Fixture.measured(2, "1 512Mi 1 1 8 500", rate: 58.4, base: 26, memory: 0.47),
    ]
    let objective = Objective(.minimize, try Expression("cost / throughput_rps"))
    return try recommended(
      2, of: Fixture.study(trials: trials, objective: objective),
      gain: Report.Estimate(expected: 0.6, lower: 0.57, upper: 0.63))
  }

  /// Two objectives, and three configurations of which none beats another in both.
  static func front() throws -> Report {
    let rows = [("1 2Gi 1 1 1 0", 41.2), ("1 512Mi 1 1 8 500", 58.4), ("2 512Mi 1 2 8 500", 112.0)]
    let trials = try rows.enumerated().map { ordinal, row in
      try Fixture.measured(ordinal, row.0, rate: row.1, base: 24, memory: 0.5)
    }
    let study = try Fixture.study(trials: trials)
    let objectives = [
      Objective(.maximize, try Expression("throughput_rps")),
      Objective(.minimize, try Expression("cost")),
    ]
    let both = Study(
      name: study.name, space: study.space, objective: objectives[0],
      furtherObjectives: [objectives[1]], constraints: study.constraints, cost: study.cost,
      limits: study.limits, seed: study.seed, trials: trials)
    let members = [2, 1].map { number in
      let rate = rows[number].1
      let cost = Fixture.cost.perHour(of: trials[number].configuration) ?? 1
      return ParetoFront.Member(
        configuration: trials[number].configuration, trialOrdinal: number,
        expected: [rate, cost],
        intervals: [
          Interval(lower: 0.95 * rate, upper: 1.05 * rate), Interval(lower: cost, upper: cost),
        ])
    }
    return Fixture.report(
      of: both,
      conclusion: .recommended(
        Recommendation(
          configuration: trials[1].configuration, trialOrdinal: 1, expected: [.throughput: 58.4],
          intervals: [:], regretBound: Share(2, of: 100), reason: "The middle of 2.",
          front: ParetoFront(
            objectives: objectives, members: members, regretBound: Share(2, of: 100)))),
      stopReason: .certainEnough)
  }

  /// Values that no chart or column was made for, and some that aren't numbers.
  static func hugeAndTiny() throws -> Report {
    let values: [Double] = [3.2e-9, 4.7e18, 1, .infinity]
    let trials = try values.enumerated().map { ordinal, value in
      Trial(
        ordinal: ordinal,
        configuration: try Fixture.configuration(
          "2 \([1, 2, 1, 2][ordinal])Gi 1 1 \(ordinal * 4) 0"),
        outcome: .measured(
          Measurement(
            values: ["throughput_rps": value, "latency_p99_ms": .nan],
            loadSteps: [Fixture.step(value, capacity: 2, base: .nan)])),
        duration: .seconds(ordinal * 100_000))
    }
    return try recommended(1, of: Fixture.study(trials: trials, constraints: []))
  }

  /// Every name, text and log line is hostile.
  static func hostile() throws -> Report {
    let name = "<script>alert(1)</script>\u{1B}[31m {{title}} \"'&"
    let space = try SearchSpace([
      Parameter(
        name: ParameterName(name), domain: Domain(choices: [name, "b,\"c\"\n"]),
        target: .environment(name: name))
    ])
    let log = ["</pre><script>alert(2)</script>", "\u{7}\u{1B}]0;title\u{7}"]
    let failure = Infeasibility(.exited, .starting, detail: name, lastLogLines: log)
    let trials = (0...3).map { ordinal in
      Trial(
        ordinal: ordinal, configuration: space.configuration(at: ordinal % 2),
        outcome: ordinal == 3
          ? .infeasible(failure)
          : .measured(Measurement(values: [.throughput: Double(ordinal + 1)]))
      )
    }
    let study = Study(
      name: name, space: space, objective: Objective(.maximize, try Expression("throughput_rps")),
      limits: SearchLimits(
        trialsMax: 4, regretTolerance: Share(1, of: 100), confidence: Share(90, of: 100)),
      seed: .max, trials: trials)
    let advice = Recommendation(
      configuration: space.configuration(at: 1), trialOrdinal: 1, expected: [:], intervals: [:],
      regretBound: nil, reason: name)
    return Report(
      toolVersion: name, study: study, startedAt: name, duration: nil,
      sampling: Sampling(visited: 2, pruned: 0, total: 2), stopReason: .spaceExhausted,
      conclusion: .recommended(advice),
      patches: Report.PatchTexts(kustomize: "```\n\(name)", inference: name), notes: [name, name],
      environment: Report.Environment(machine: name, command: name))
  }

  static func all() throws -> [(name: String, report: Report)] {
    try [
      ("no trials", noTrials()), ("pending only", pendingOnly()),
      ("nothing measured", nothingMeasured()), ("nothing feasible", nothingFeasible()),
      ("baseline failed", baselineFailed()), ("one trial", oneTrial()), ("replay", replay()),
      ("minimized", minimized()), ("huge and tiny", hugeAndTiny()), ("hostile", hostile()),
      ("realistic", Fixture.report()),
    ]
  }

  private static func recommended(
    _ ordinal: Int, of study: Study, gain: Report.Estimate? = nil
  ) throws -> Report {
    let trial = study.trials[ordinal]
    let advice = Recommendation(
      configuration: trial.configuration, trialOrdinal: ordinal,
      expected: trial.measurement?.values ?? [:], intervals: [:], regretBound: nil,
      reason: "It is the best that was measured")
    return Fixture.report(of: study, conclusion: .recommended(advice), gain: gain)
  }
}
