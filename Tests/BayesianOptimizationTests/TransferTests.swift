import BayesianOptimization
import Testing
import Tuning

@Suite struct TransferTests {
  /// A search of the synthetic service until one within 1 % of the best was measured.
  private static func trialsUntilNear(
    _ service: SyntheticService, seed: UInt64, earlier: [EarlierService]
  ) throws -> Int {
    var generator = SeededGenerator(seed: seed, stream: 99)
    var study = try service.study(seed: seed, trialsMax: 60)
    study.earlier = earlier
    let best = try #require(
      (0..<service.space.count)
        .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
    while study.trials.count < 60 {
      let configuration = try #require(StudyModel(study).proposals(1).first)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: configuration,
          outcome: service.outcome(configuration, noise: 0.03, using: &generator)))
      if let value = service.truth(configuration, study), value >= 0.99 * best { break }
    }
    return study.trials.count
  }

  /// Trials of another service: every third cell, metrics changed by a law.
  private static func trials(
    _ service: SyntheticService, _ change: (Metric, Double) -> Double
  ) -> [Trial] {
    stride(from: 0, to: service.space.count, by: 3).map { cell in
      let configuration = service.space.configuration(at: cell)
      var outcome = service.outcome(configuration)
      if case .measured(let measurement) = outcome {
        outcome = .measured(
          Measurement(
            values: Dictionary(
              uniqueKeysWithValues: measurement.values.map { ($0.key, change($0.key, $0.value)) })))
      }
      return Trial(ordinal: cell, configuration: configuration, outcome: outcome)
    }
  }

  @Test func `a service twice as slow teaches where the best is`() throws {
    let service = try SyntheticService()
    let slower = try #require(
      EarlierService(
        name: "slower",
        trials: Self.trials(service) { metric, value in
          metric == .throughput ? value / 2 : metric == .latencyP99 ? 1.5 * value : value
        }, over: service.space))
    let warm = try (0..<3).map {
      try Self.trialsUntilNear(service, seed: $0, earlier: [slower])
    }
    let cold = try (0..<3).map { try Self.trialsUntilNear(service, seed: $0, earlier: []) }
    #expect(warm.reduce(0, +) < cold.reduce(0, +))
    #expect(warm.allSatisfy { $0 <= 12 }, "\(warm), cold \(cold)")
  }

  @Test func `a service that ranks the other way round fades`() throws {
    let service = try SyntheticService()
    let reversed = try #require(
      EarlierService(
        name: "reversed", trials: Self.trials(service) { _, value in 1 / value },
        over: service.space))
    var study = try service.study(seed: 1)
    for cell in stride(from: 5, to: 700, by: 47) {
      let configuration = service.space.configuration(at: cell)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: configuration,
          outcome: service.outcome(configuration)))
    }
    var warm = study
    warm.earlier = [reversed]
    let cold = StudyModel(study).conclusion()
    let faded = StudyModel(warm).conclusion()
    guard case .recommended(let one) = cold, case .recommended(let other) = faded else {
      Issue.record("nothing was recommended")
      return
    }
    #expect(one.configuration == other.configuration)
    let expected = try #require(one.expected[.throughput])
    let found = try #require(other.expected[.throughput])
    #expect(abs(found / expected - 1) < 0.01)
  }

  @Test func `the first trial is among the best of a service that goes as is usual`() throws {
    let service = try SyntheticService(rolesAreKnown: true)
    var study = try service.study(seed: 1)
    study.earlier = [
      try #require(
        EarlierService(
          name: "slower",
          trials: Self.trials(service) { $0 == .latencyP99 ? 1.2 * $1 : $1 }, over: service.space))
    ]
    let truths = (0..<service.space.count).compactMap {
      service.truth(service.space.configuration(at: $0), study)
    }
    let first = try #require(StudyModel(study).proposals(1).first)
    let reached = try #require(service.truth(first, study), "it has to be feasible")
    #expect(reached > 0.5 * (try #require(truths.max())))
  }

  @Test func `who ranks against what is usual isn't followed, and makes no difference`() throws {
    let service = try SyntheticService(rolesAreKnown: true)
    let reversed = try #require(
      EarlierService(
        name: "reversed", trials: Self.trials(service) { 1 / $1 }, over: service.space))
    for seed in UInt64(0)..<3 {
      let misled = try Self.trialsUntilNear(service, seed: seed, earlier: [reversed])
      let cold = try Self.trialsUntilNear(service, seed: seed, earlier: [])
      #expect(misled == cold)
    }
  }

  @Test func `a table whose rows were exchanged isn't learned from`() throws {
    let service = try SyntheticService()
    let trials = Self.trials(service) { $1 }
    #expect(EarlierService(name: "whole", trials: trials, over: service.space) != nil)
    for seed in UInt64(0)..<4 {
      #expect(
        EarlierService(
          name: "exchanged", trials: Self.exchanged(trials, seed: seed), over: service.space) == nil
      )
    }
  }

  private static func exchanged(_ trials: [Trial], seed: UInt64) -> [Trial] {
    var generator = SeededGenerator(seed: seed)
    let outcomes = trials.map(\.outcome).shuffled(using: &generator)
    return zip(trials, outcomes).map {
      Trial(ordinal: $0.ordinal, configuration: $0.configuration, outcome: $1)
    }
  }

  @Test func `services that mislead cost next to nothing`() throws {
    let service = try SyntheticService()
    let whole = Self.trials(service) { $1 }
    // What was best is worst, at the usual level.
    let levels = Dictionary(
      grouping: whole.compactMap(\.measurement?.values).flatMap { $0.map { $0 } }, by: \.key
    ).mapValues { $0.map(\.value).sorted()[$0.count / 2] }
    let turned = Self.trials(service) { metric, value in
      (levels[metric] ?? 1) * (levels[metric] ?? 1) / value
    }
    let misleading = [
      EarlierService(name: "turned", trials: turned, over: service.space),
      EarlierService(
        name: "exchanged", trials: Self.exchanged(whole, seed: 3), over: service.space),
    ].compactMap(\.self)
    #expect(misleading.count == 1)
    let seeds = UInt64(0)..<24
    let misled = try seeds.map {
      try Self.trialsUntilNear(service, seed: $0, earlier: misleading)
    }
    let cold = try seeds.map { try Self.trialsUntilNear(service, seed: $0, earlier: []) }
    // One service: the mean over eight is in the benchmarks.
    #expect(
      Double(misled.reduce(0, +)) <= 1.1 * Double(cold.reduce(0, +)), "\(misled), cold \(cold)")
  }

  @Test func `what can't be placed in the space teaches nothing`() throws {
    let service = try SyntheticService()
    let strange = [
      Trial(
        ordinal: 0, configuration: Configuration([.init(name: "threads", level: .integer(3))]),
        outcome: .measured(Measurement(values: [.throughput: 5])))
    ]
    #expect(EarlierService(name: "strange", trials: strange, over: service.space) == nil)
    #expect(EarlierService(name: "empty", trials: [], over: service.space) == nil)
  }

  @Test func `with nothing usual, the next after one in the middle is where a service was good`()
    throws
  {
    let service = try SyntheticService()
    var study = try service.study(seed: 0)
    let middle = try #require(StudyModel(study).proposals(1).first)
    let same = try #require(
      EarlierService(
        name: "same", trials: Self.trials(service) { $1 }, over: service.space))
    study.earlier = [same]
    #expect(StudyModel(study).proposals(1) == [middle])
    study.trials = [Trial(ordinal: 0, configuration: middle, outcome: service.outcome(middle))]
    let first = try #require(StudyModel(study).proposals(1).first)
    let best = try #require(
      (0..<service.space.count)
        .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
    let measurement = try #require(
      Trial(ordinal: 0, configuration: first, outcome: service.outcome(first)).measurement)
    #expect(try #require(study.objectiveValue(of: measurement, at: first)) > 0.5 * best)
  }
}
