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

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `a search stops by itself near the best of 720 configurations`(seed: UInt64) throws {
    let service = try SyntheticService()
    let (study, reason) = try Self.search(service, seed: seed, noise: 0.03)
    let best = try #require(
      (0..<service.space.count)
        .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
    guard case .recommended(let recommendation) = StudyModel(study).conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    let found = try #require(service.truth(recommendation.configuration, study))
    #expect(reason == .certainEnough)
    #expect(study.trials.count <= 72, "a tenth of the space")
    #expect(found >= 0.92 * best)
  }

  @Test func `a third fewer trials fail than by chance, at least`() throws {
    let service = try SyntheticService()
    var failed = 0
    var tried = 0
    var study = try service.study(seed: 0)
    let hopeless = (0..<service.space.count).filter {
      service.truth(service.space.configuration(at: $0), study) == nil
    }
    for seed in 20..<24 as Range<UInt64> {
      study = try Self.search(service, seed: seed, noise: 0.03).study
      tried += study.trials.count
      failed += study.trials.filter { service.truth($0.configuration, study) == nil }.count
    }
    let byChance = Double(hopeless.count) / Double(service.space.count)
    #expect(Double(failed) / Double(tried) < byChance * 2 / 3)
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
