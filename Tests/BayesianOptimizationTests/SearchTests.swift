import BayesianOptimization
import Testing
import Tuning

@Suite struct SearchTests {
  /// Runs a search to its end, one trial at a time.
  private static func search(
    _ service: SyntheticService, seed: UInt64, noise: Double
  ) throws -> (study: Study, reason: StopReason) {
    var generator = SeededGenerator(seed: seed, stream: 99)
    var study = try service.study(seed: seed)
    while true {
      let model = StudyModel(study)
      if let reason = model.stopReason() { return (study, reason) }
      let configuration = try #require(model.proposals(1).first)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: configuration,
          outcome: service.outcome(configuration, noise: noise, using: &generator)))
    }
  }

  @Test func `searches stop by themselves near the best of 720 configurations`() throws {
    let service = try SyntheticService()
    var trials: [Int] = []
    for seed in 0..<4 as Range<UInt64> {
      let (study, reason) = try Self.search(service, seed: seed, noise: 0.03)
      let best = try #require(
        (0..<service.space.count)
          .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
      guard case .recommended(let recommendation) = StudyModel(study).conclusion() else {
        Issue.record("nothing was recommended")
        return
      }
      let found = try #require(service.truth(recommendation.configuration, study))
      #expect([.certainEnough, .tooCloseToTell].contains(reason))
      #expect(found >= 0.92 * best)
      trials.append(study.trials.count)
    }
    trials.sort()
    #expect(
      trials[2] <= 72 && trials[3] <= 108, "mostly a tenth of the space, at times more: \(trials)")
  }

  /// The first trials fail most, and searches end soon.
  @Test func `a quarter fewer trials fail than by chance, at least`() throws {
    let service = try SyntheticService()
    var failed = 0
    var tried = 0
    var study = try service.study(seed: 0)
    let hopeless = (0..<service.space.count).filter {
      service.truth(service.space.configuration(at: $0), study) == nil
    }
    for seed in 20..<30 as Range<UInt64> {
      study = try Self.search(service, seed: seed, noise: 0.03).study
      tried += study.trials.count
      failed += study.trials.filter { service.truth($0.configuration, study) == nil }.count
    }
    let byChance = Double(hopeless.count) / Double(service.space.count)
    #expect(Double(failed) / Double(tried) < byChance * 3 / 4)
  }

  @Test func `no configuration is tried twice`() throws {
    let (study, _) = try Self.search(try SyntheticService(), seed: 5, noise: 0.03)
    #expect(Set(study.trials.map(\.configuration)).count == study.trials.count)
  }

  @Test func `the same study gives the same proposals`() throws {
    let (study, _) = try Self.search(try SyntheticService(), seed: 6, noise: 0.03)
    for length in [0, 1, 5, study.trials.count - 1] {
      var earlier = study
      earlier.trials = Array(study.trials.prefix(length))
      let first = StudyModel(earlier).proposals(2)
      #expect(first == StudyModel(earlier).proposals(2))
      #expect(first.count == 2)
      #expect(first.first == study.trials[length].configuration || length == 0)
    }
  }

  @Test func `proposals side by side differ from each other and from what is pending`() throws {
    let service = try SyntheticService()
    var (study, _) = try Self.search(service, seed: 7, noise: 0)
    study.trials = Array(study.trials.prefix(12))
    let pending = StudyModel(study).proposals(3)
    for configuration in pending {
      study.trials.append(Trial(ordinal: study.trials.count, configuration: configuration))
    }
    let more = StudyModel(study).proposals(3)
    #expect(Set(pending + more).count == 6)
  }

  @Test func `a search ends where no trial would tell what may still be better`() throws {
    func stopReason(latencyMax: Double, repeats: Bool) throws -> StopReason? {
      let space = try SearchSpace([
        Parameter(name: "x", domain: try Domain(integers: [1, 2, 3, 4, 5]), target: .column)
      ])
      var study = try Study(ofThroughputIn: space, latencyMax: latencyMax)
      study.repeatsTrials = repeats
      // As the fifth level will go on, with the usual noise.
      for (x, noise) in [(1, 1.01), (2, 0.98), (3, 1.02), (4, 0.99)] {
        for factor in [noise, 2 - noise] {
          study.trials.append(
            Trial(
              ordinal: study.trials.count, configuration: Self.configuration(x),
              outcome: .measured(
                Measurement(values: [
                  .throughput: 100 * Double(x) * factor, .latencyP99: 20 * Double(x) * factor,
                ]))))
        }
      }
      return StudyModel(study).stopReason()
    }
    #expect(try stopReason(latencyMax: 97, repeats: false) == .tooCloseToTell)
    #expect(try stopReason(latencyMax: 97, repeats: true) == nil)
    #expect(try stopReason(latencyMax: 130, repeats: false) == nil)
  }

  /// A safe configuration, and one twice as good whose latency lies just within the limit.
  private static func nearLimit(repeats: Bool, trials latencies: [Double]) throws -> Study {
    let space = try SearchSpace([
      Parameter(name: "x", domain: try Domain(integers: [1, 2, 3]), target: .column)
    ])
    var study = try Study(ofThroughputIn: space, latencyMax: 100)
    study.repeatsTrials = repeats
    let rows = [(1, 100.0, 50.0), (3, 400.0, 300.0)] + latencies.map { (2, 200.0, $0) }
    for (x, rate, latency) in rows {
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: Self.configuration(x),
          outcome: .measured(Measurement(values: [.throughput: rate, .latencyP99: latency]))))
    }
    return study
  }

  private static func configuration(_ x: Int) -> Configuration {
    Configuration([.init(name: "x", level: .integer(x))])
  }

  @Test func `what is near a limit is measured again, until it is recommended`() throws {
    var four = try Self.nearLimit(repeats: true, trials: [98])
    // A fourth level that nobody would try keeps the space open.
    four = try Self.widened(four)
    #expect(StudyModel(four).proposals(1) == [Self.configuration(2)])
    four.repeatsTrials = false
    #expect(StudyModel(four).proposals(1) != [Self.configuration(2)])

    let sure = try Self.nearLimit(
      repeats: true, trials: [96, 95, 97, 96, 95, 96, 97, 95, 96, 96, 95, 97])
    guard case .recommended(let recommendation) = StudyModel(sure).conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    #expect(recommendation.configuration == Self.configuration(2))
    let never = try Self.nearLimit(
      repeats: true, trials: [99, 101, 100, 99, 101, 100, 99, 101, 100, 99, 101, 100])
    guard case .recommended(let safe) = StudyModel(never).conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    #expect(safe.configuration == Self.configuration(1))
  }

  /// The same study with a level beyond the one that broke the limit.
  private static func widened(_ study: Study) throws -> Study {
    var result = Study(
      name: study.name,
      space: try SearchSpace([
        Parameter(name: "x", domain: try Domain(integers: [1, 2, 3, 4]), target: .column)
      ]), objective: study.objective, constraints: study.constraints, limits: study.limits,
      seed: study.seed, trials: study.trials)
    result.repeatsTrials = study.repeatsTrials
    return result
  }

  @Test func `a bound on a metric counts as a bound, and noise by its size`() throws {
    func gain(_ change: (inout Measurement) -> Void) throws -> Double {
      var study = try Self.nearLimit(repeats: false, trials: [60, 60])
      var measurement = Measurement(values: [.throughput: 100, .latencyP99: 60])
      change(&measurement)
      study.trials[3] = Trial(
        ordinal: 3, configuration: Self.configuration(2), outcome: .measured(measurement))
      let found = StudyModel(study).gain(of: Self.configuration(2), over: Self.configuration(1))
      return try #require(found).expected
    }
    // 200 and 100 were measured, where the other has 100: they meet somewhere between.
    let plain = try gain { _ in }
    #expect(plain > 1.05 && plain < 1.95)
    // At least 100 contradicts nothing.
    #expect(try gain { $0.censored = [.throughput: .atLeast] } > plain + 0.1)
    #expect(try gain { $0.noise = [.throughput: 0.3] } > plain)
  }

  @Test func `a space is exhausted before a proposal repeats`() throws {
    let space = try SearchSpace([
      Parameter(name: "x", domain: try Domain(integers: [1, 2]), target: .column)
    ])
    var study = Study(
      name: "tiny", space: space,
      objective: Objective(.minimize, try Expression("latency_p99_ms")),
      limits: SearchLimits(
        trialsMax: 10, regretTolerance: Share(0, of: 1), confidence: Share(90, of: 100)), seed: 0)
    for value in [20.0, 10.0] {
      let proposal = try #require(StudyModel(study).proposals(5).first)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: proposal,
          outcome: .measured(Measurement(values: [.latencyP99: value]))))
    }
    let model = StudyModel(study)
    #expect(model.proposals(1).isEmpty)
    #expect(model.stopReason() == .spaceExhausted)
    guard case .recommended(let recommendation) = model.conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    #expect(recommendation.trialOrdinal == 1)
    #expect(recommendation.regretBound == Share(0, of: 1) || recommendation.regretBound == nil)
  }

  @Test func `when nothing is feasible the nearest miss says what to relax`() throws {
    let space = try SearchSpace([
      Parameter(name: "x", domain: try Domain(integers: [1, 2]), target: .column)
    ])
    var study = Study(
      name: "strict", space: space,
      objective: Objective(.maximize, try Expression("throughput_rps")),
      constraints: [Constraint(metric: .latencyP99, maximum: 100, isHeldByStressTest: true)],
      limits: SearchLimits(
        trialsMax: 2, regretTolerance: Share(3, of: 100), confidence: Share(90, of: 100)), seed: 0)
    for (x, p99) in [(1, 250.0), (2, 130.0)] {
      study.trials.append(
        Trial(
          ordinal: x - 1,
          configuration: Configuration([.init(name: "x", level: .integer(x))]),
          outcome: .infeasible(
            Infeasibility(
              .constraintBroken, .loaded, detail: "p99",
              measurement: Measurement(values: [.latencyP99: p99])))))
    }
    guard case .nothingFeasible(let miss) = StudyModel(study).conclusion() else {
      Issue.record("something was recommended")
      return
    }
    #expect(miss.trialOrdinal == 1)
    #expect(miss.toRelax == ["latency_p99_ms ≤ 100 would have to allow 130"])
  }
}
