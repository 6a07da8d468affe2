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

  /// How long a search takes, and how much worse than the best its recommendation is.
  private func search(seed: UInt64, tellingTimes: Bool) throws -> (seconds: Int64, regret: Double) {
    var generator = SeededGenerator(seed: seed, stream: 77)
    var study = try service.study(seed: seed, trialsMax: 60)
    var seconds: Int64 = 0
    while true {
      let model = StudyModel(study)
      if model.stopReason() != nil { break }
      let next = try #require(model.proposals(1).first)
      let outcome = service.outcome(next, noise: 0.03, using: &generator)
      // What can't start fails at once.
      let isServed = if case .measured = outcome { true } else { false }
      let duration = isServed ? Self.duration(next) : .seconds(15)
      seconds += duration.components.seconds
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: next, outcome: outcome,
          duration: tellingTimes ? duration : nil))
    }
    let best = try #require(
      (0..<service.space.count)
        .compactMap { service.truth(service.space.configuration(at: $0), study) }.max())
    guard case .recommended(let recommendation) = StudyModel(study).conclusion() else {
      return (seconds, 1)
    }
    return (seconds, service.truth(recommendation.configuration, study).map { 1 - $0 / best } ?? 1)
  }

  @Test func `where starts differ tenfold, as good a recommendation takes less time`() throws {
    var seconds: [Bool: Int64] = [:]
    var regrets: [Bool: Double] = [:]
    for seed in 0..<5 as Range<UInt64> {
      for tellingTimes in [false, true] {
        let run = try search(seed: seed, tellingTimes: tellingTimes)
        seconds[tellingTimes, default: 0] += run.seconds
        regrets[tellingTimes, default: 0] += run.regret / 5
      }
    }
    let (blind, seeing) = (try #require(seconds[false]), try #require(seconds[true]))
    #expect(Double(seeing) < 0.8 * Double(blind), "\(seeing) and \(blind) seconds")
    #expect(try #require(regrets[true]) <= #require(regrets[false]) + 0.02, "\(regrets)")
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
