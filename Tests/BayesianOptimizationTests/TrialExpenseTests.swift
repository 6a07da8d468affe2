import BayesianOptimization
import Testing
import Tuning

/// Trials that take different times.
@Suite struct TrialExpenseTests {
  private let service: SyntheticService

  init() throws { service = try SyntheticService() }

  /// A minute for a trial, and ten where the GPU starts slowly.
  private static func duration(_ configuration: Configuration) -> Duration {
    .seconds(configuration["gpu"]?.text == "V100" ? 600 : 60)
  }

  /// How long a search takes until it has measured one that is within 1 % of the best.
  private func secondsUntilNear(seed: UInt64, tellingTimes: Bool) throws -> Int64 {
    var generator = SeededGenerator(seed: seed, stream: 77)
    var study = try service.study(seed: seed, trialsMax: 60)
    let best = try #require(
      (0..<service.space.count)
        .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
    var seconds: Int64 = 0
    while study.trials.count < 60 {
      let next = try #require(StudyModel(study).proposals(1).first)
      let outcome = service.outcome(next, noise: 0.03, using: &generator)
      // What can't start fails at once.
      let isServed = if case .measured = outcome { true } else { false }
      let duration = isServed ? Self.duration(next) : .seconds(15)
      seconds += duration.components.seconds
      if let truth = service.truth(next, study), truth >= 0.99 * best { break }
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: next, outcome: outcome,
          duration: tellingTimes ? duration : nil))
    }
    return seconds
  }

  @Test func `where starts differ tenfold, the best is found in less time`() throws {
    func seconds(tellingTimes: Bool) throws -> Int64 {
      try (0..<12).reduce(0) { try $0 + secondsUntilNear(seed: $1, tellingTimes: tellingTimes) }
    }
    let (blind, seeing) = (
      try seconds(tellingTimes: false), try seconds(tellingTimes: true)
    )
    #expect(Double(seeing) < 0.85 * Double(blind), "\(seeing) and \(blind) seconds")
  }

  @Test func `of equals the one whose trial is quicker is tried, and a price counts like time`()
    throws
  {
    func proposal(slow: Bool, cost: Cost?) throws -> String? {
      let space = try SearchSpace([
        Parameter(name: "x", domain: try Domain(integers: [1, 2, 4, 8, 16, 32]), target: .column),
        Parameter(name: "where", domain: try Domain(choices: ["here", "there"]), target: .column),
      ])
      var study = Study(
        name: "twins", space: space,
        objective: Objective(.maximize, try Expression("throughput_rps")), cost: cost,
        limits: SearchLimits(
          trialsMax: 12, regretTolerance: Share(0, of: 1), confidence: Share(90, of: 100)),
        seed: 0)
      for (x, place) in [(1, "here"), (1, "there"), (4, "here"), (4, "there")] {
        study.trials.append(
          Trial(
            ordinal: study.trials.count,
            configuration: Configuration([
              .init(name: "x", level: .integer(x)), .init(name: "where", level: .choice(place)),
            ]),
            outcome: .measured(Measurement(values: [.throughput: 100 * Double(x)])),
            duration: .seconds(slow && place == "here" ? 900 : (x == 1 ? 20 : 60))))
      }
      return StudyModel(study).proposals(1).first?["where"]?.text
    }
    #expect(try proposal(slow: true, cost: nil) == "there")
    let prices = Cost(fixed: 0, prices: ["where": .perChoice(["here": 1, "there": 20])])
    #expect(try proposal(slow: false, cost: prices) == "here")
    let others = Cost(fixed: 0, prices: ["where": .perChoice(["here": 20, "there": 1])])
    #expect(try proposal(slow: false, cost: others) == "there")
  }

  @Test func `times below a second change nothing`() throws {
    var generator = SeededGenerator(seed: 1, stream: 77)
    var study = try service.study(seed: 1, trialsMax: 60)
    for _ in 0..<8 {
      let next = try #require(StudyModel(study).proposals(1).first)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: next,
          outcome: service.outcome(next, noise: 0.03, using: &generator)))
    }
    let plain = StudyModel(study).proposals(2)
    for i in study.trials.indices {
      study.trials[i].duration = .microseconds(generator.next() % 900_000)
    }
    #expect(StudyModel(study).proposals(2) == plain)
  }
}
