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

  @Test func `the first proposal is where an earlier service was best`() throws {
    let service = try SyntheticService()
    var study = try service.study(seed: 0)
    let same = try #require(
      EarlierService(
        name: "same", trials: Self.trials(service) { $1 }, over: service.space))
    study.earlier = [same]
    let first = try #require(StudyModel(study).proposals(1).first)
    let best = try #require(
      (0..<service.space.count)
        .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
    let measurement = try #require(
      Trial(ordinal: 0, configuration: first, outcome: service.outcome(first)).measurement)
    #expect(try #require(study.objectiveValue(of: measurement, at: first)) > 0.5 * best)
  }
}
