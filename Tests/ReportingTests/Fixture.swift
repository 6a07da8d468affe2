import Reporting
import Tuning

/// Reports to render: a realistic search on a sentence-embedding server, and searches that ended
/// oddly.
enum Fixture {
  static let knobs: [ParameterName] = [
    "cpu", "memory", "INTRA_OP_THREADS", "INSTANCES", "MAX_BATCH_SIZE", "BATCH_DELAY_MICROSECONDS",
  ]

  static func space() throws -> SearchSpace {
    try SearchSpace([
      Parameter(
        name: "cpu",
        domain: Domain(quantities: ["500m", "1", "1500m", "2"].map { try Quantity($0) }),
        target: .resource(name: "cpu"), effect: .supply),
      Parameter(
        name: "memory",
        domain: Domain(quantities: ["256Mi", "512Mi", "1Gi", "2Gi"].map { try Quantity($0) }),
        target: .resource(name: "memory"), effect: .supply),
      Parameter(
        name: "INTRA_OP_THREADS", domain: Domain(integers: [1, 2]),
        target: .environment(name: "INTRA_OP_THREADS")),
      Parameter(
        name: "INSTANCES", domain: Domain(integers: [1, 2, 4]),
        target: .environment(name: "INSTANCES"), effect: .demand),
      Parameter(
        name: "MAX_BATCH_SIZE", domain: Domain(integers: [1, 4, 8, 16]),
        target: .batching(environment: "MAX_BATCH_SIZE"), effect: .demand),
      Parameter(
        name: "BATCH_DELAY_MICROSECONDS", domain: Domain(integers: [0, 500, 2000]),
        target: .environment(name: "BATCH_DELAY_MICROSECONDS")),
    ])
  }

  static let p99Bound = Constraint(metric: .latencyP99, maximum: 100, isHeldByStressTest: true)
  static let cost = Cost(
    fixed: 0, prices: ["cpu": .perUnit(0.04), "memory": .perUnit(0.005 / 1_073_741_824)])

  static func configuration(_ levels: String) throws -> Configuration {
    let space = try space()
    let texts = levels.split(separator: " ").map(String.init)
    return Configuration(
      zip(space.parameters, texts).compactMap { parameter, text in
        parameter.domain.level(reading: text).map { .init(name: parameter.name, level: $0) }
      })
  }

  static func study(
    name: String = "triton-minilm", trials: [Trial],
    objective: Objective? = nil, constraints: [Constraint] = [p99Bound], cost: Cost? = cost
  ) throws -> Study {
    Study(
      name: name, space: try space(),
      objective: try objective ?? Objective(.maximize, Expression("throughput_rps / cost")),
      constraints: constraints, cost: cost,
      limits: SearchLimits(
        trialsMax: 57, regretTolerance: Share(2, of: 100), confidence: Share(90, of: 100)),
      seed: 1, trials: trials)
  }

  /// A load step of a queue with the given capacity: `p99 = base / (1 - load)`, and beyond it.
  static func step(_ rate: Double, capacity: Double, base: Double) -> LoadStep {
    let load = rate / capacity
    let p99 = load < 0.97 ? base / (1 - load) : base / 0.03 + 900 * (load - 0.97)
    return LoadStep(
      offeredRate: Rate(perSecond: rate), achievedRate: Rate(perSecond: min(rate, capacity)),
      duration: .seconds(5), requests: Int(min(rate * 5, 1e9)),
      errors: load > 1 ? ["timed out": 7] : [:],
      latencies: LoadStep.Latencies(
        mean: p99 * 0.45, p50: p99 * 0.4, p90: p99 * 0.7, p95: p99 * 0.8, p99: p99, max: p99 * 1.4),
      latencyP99Interval: Interval(lower: p99 * 0.88, upper: p99 * 1.19),
      scheduleLagP99: .microseconds(180), holds: p99 <= 100)
  }

  static func measured(
    _ ordinal: Int, _ levels: String, rate: Double, base: Double, memory: Double,
    doubts: [String] = []
  ) throws -> Trial {
    let capacity = rate / (1 - base / 100)
    let steps = [0.25, 0.5, 0.75, 0.9, 1.0, 1.12, 1.35].map {
      step(rate * $0, capacity: capacity, base: base)
    }
    let measurement = Measurement(
      values: [
        .throughput: rate, .latencyP99: 96.4, .latencyP50: 38.1, .errorRate: 0, .memory: memory,
        .cpuPerRequest: 1000 / rate,
      ],
      intervals: [.throughput: Interval(lower: rate * 0.96, upper: rate * 1.04)],
      loadSteps: steps, verdict: doubts.isEmpty ? .sound : .doubtful(doubts))
    return Trial(
      ordinal: ordinal, configuration: try configuration(levels), outcome: .measured(measurement),
      duration: .milliseconds(31_400 + 317 * ordinal))
  }

  static func failed(
    _ ordinal: Int, _ levels: String, _ reason: Infeasibility.Reason,
    _ phase: Infeasibility.Phase, _ detail: String, log: [String] = []
  ) throws -> Trial {
    Trial(
      ordinal: ordinal, configuration: try configuration(levels),
      outcome: .infeasible(Infeasibility(reason, phase, detail: detail, lastLogLines: log)),
      duration: .milliseconds(6_200 + 211 * ordinal))
  }

  static func trials() throws -> [Trial] {
    let killed = [
      "I1123 18:02:11 model_lifecycle.cc:472] loading: minilm:1",
      "I1123 18:02:13 onnxruntime.cc:3012] TRITONBACKEND_ModelInstanceInitialize: minilm_0_3",
    ]
    let memory = "the kernel killed it at its limit of 256Mi"
    return try [
      measured(0, "1 2Gi 1 1 1 0", rate: 41.2, base: 24, memory: 0.61),
      measured(1, "2 1Gi 2 1 8 500", rate: 88.1, base: 21, memory: 0.66),
      failed(2, "500m 256Mi 1 4 16 0", .outOfMemory, .starting, memory, log: killed),
      measured(3, "1500m 512Mi 1 2 4 2000", rate: 66.0, base: 28, memory: 0.48),
      measured(4, "500m 1Gi 2 1 1 0", rate: 17.3, base: 49, memory: 0.60),
      failed(
        5, "500m 512Mi 1 4 8 2000", .constraintBroken, .loaded,
        "p99 of 214 ms at 2 req/s is over 100 ms"),
      measured(6, "1 512Mi 1 1 8 500", rate: 58.4, base: 26, memory: 0.47),
      failed(7, "2 256Mi 2 2 4 500", .outOfMemory, .loaded, memory, log: killed),
      measured(8, "1 512Mi 1 1 16 500", rate: 61.5, base: 27, memory: 0.48),
      measured(9, "2 512Mi 1 2 8 500", rate: 112, base: 20, memory: 0.49),
      measured(
        10, "1500m 512Mi 1 1 16 0", rate: 84.9, base: 23, memory: 0.48,
        doubts: ["Steady state was not reached within the window at the highest load."]),
      failed(
        11, "2 512Mi 2 4 16 2000", .neverReady, .starting, "no answer on /v2/health/ready in 60 s",
        log: ["E1123 18:07:40 <memory> allocation of 94371840 bytes failed"]),
      measured(12, "2 512Mi 1 2 16 500", rate: 121, base: 20, memory: 0.49),
      measured(13, "2 512Mi 1 2 16 0", rate: 116, base: 19, memory: 0.49),
      measured(14, "1500m 512Mi 1 2 16 500", rate: 89.7, base: 22, memory: 0.49),
      failed(15, "1 256Mi 1 1 1 0", .outOfMemory, .starting, memory, log: killed),
      measured(16, "2 512Mi 1 4 16 500", rate: 109, base: 24, memory: 0.50),
      measured(17, "2 512Mi 1 2 16 2000", rate: 114, base: 22, memory: 0.49),
      measured(18, "1 512Mi 1 1 16 0", rate: 60.8, base: 26, memory: 0.47),
      measured(19, "2 512Mi 2 1 16 500", rate: 101, base: 22, memory: 0.48),
    ]
  }

  static func curve(rate: Double, base: Double, loadSteps: [LoadStep]) -> LoadCurve {
    let capacity = rate / (1 - base / 100)
    let points = (1...40).map { number -> LoadCurve.Point in
      let offered = rate * 1.38 * Double(number) / 40
      let load = min(offered / capacity, 0.985)
      let p99 = base / (1 - load)
      let width = 0.06 + 0.3 * load * load * load
      return LoadCurve.Point(
        offeredRate: offered, achievedRate: min(offered, capacity), p50: p99 * 0.4, p99: p99,
        p99Lower: p99 * (1 - width), p99Upper: p99 * (1 + width))
    }
    return LoadCurve(
      points: points, loadSteps: loadSteps, kneeRate: capacity * 0.7, capacityRate: capacity)
  }

  static func report(
    name: String = "triton-minilm", machine: String = "2 cores of AMD EPYC, 8 GiB, Debian 12",
    notes: [String] = isolationNotes
  ) throws -> Report {
    let study = try study(name: name, trials: trials())
    let best = try configuration("2 512Mi 1 2 16 500")
    let price = cost.perHour(of: best) ?? 1
    let advice = Recommendation(
      configuration: best, trialOrdinal: 12,
      expected: [.throughput: 120, .latencyP99: 96.4, .memory: 0.49, .objective: 120 / price],
      intervals: [
        .throughput: Interval(lower: 116, upper: 124), .memory: Interval(lower: 0.48, upper: 0.5),
        .objective: Interval(lower: 116 / price, upper: 124 / price),
      ],
      regretBound: Share(18, of: 1000),
      reason: "It is the best of 15 measured configurations")
    let bounds: [Int: Double] = [
      4: 0.92, 6: 0.81, 8: 0.7, 9: 0.44, 10: 0.41, 12: 0.21, 13: 0.15, 14: 0.11, 16: 0.07,
      17: 0.045, 18: 0.031, 19: 0.018,
    ]
    return Report(
      toolVersion: "0.1.0", study: study, startedAt: "2026-11-23T18:01:52Z",
      duration: .seconds(671), sampling: Sampling(visited: 20, pruned: 312, total: 1152),
      stopReason: .certainEnough, conclusion: .recommended(advice),
      gain: Report.Estimate(expected: 1.77, lower: 1.68, upper: 1.86),
      regretBounds: bounds.compactMapValues { Share($0) },
      curves: Report.Curves(
        recommended: curve(
          rate: 121, base: 20, loadSteps: study.trials[12].measurement?.loadSteps ?? []),
        baseline: curve(
          rate: 41.2, base: 24, loadSteps: study.trials[0].measurement?.loadSteps ?? [])),
      patch: try JSON(reading: jsonPatch),
      patches: Report.PatchTexts(kustomize: kustomize, inference: inference), notes: notes,
      environment: Report.Environment(
        machine: machine, command: "morphling tune -f service.yaml --slo p99=100ms"))
  }

  static let isolationNotes = [
    "Candidates ran in cgroups (v1), but the load generator shared the machine's two cores with them"
  ]

  /// A report of the given trials, with nothing recommended unless told so.
  static func report(
    of study: Study, conclusion: Conclusion, stopReason: StopReason? = .trialLimit,
    gain: Report.Estimate? = nil
  ) -> Report {
    Report(
      toolVersion: "0.1.0", study: study, startedAt: nil, duration: .seconds(42),
      sampling: Sampling(visited: study.trials.count, pruned: 0, total: study.space.count),
      stopReason: stopReason, conclusion: conclusion, gain: gain)
  }

  static let nothing = Conclusion.nothingFeasible(
    NearestMiss(trialOrdinal: nil, configuration: nil, toRelax: []))
}
