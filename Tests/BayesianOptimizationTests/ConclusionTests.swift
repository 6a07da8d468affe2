import BayesianOptimization
import Testing
import Tuning

@Suite struct ConclusionTests {
  /// Six trials whose goodput leaves the model much doubt.
  @Test func `no interval of a share reaches beyond none or all`() throws {
    let service = try SyntheticService()
    var study = try service.study(seed: 4)
    let goodputs = [1, 0.99, 1, 0.9, 1, 0.97]
    for (ordinal, cell) in stride(from: 8, to: 80, by: 12).enumerated() {
      let configuration = service.space.configuration(at: cell)
      var outcome = Outcome.measured(
        Measurement(values: [.throughput: 40 + Double(cell), .latencyP99: 90, "price": 0.5]))
      outcome.measurement?.values[.goodput] = goodputs[ordinal]
      outcome.measurement?.values[.errorRate] = 1 - goodputs[ordinal]
      study.trials.append(Trial(ordinal: ordinal, configuration: configuration, outcome: outcome))
    }
    guard case .recommended(let recommendation) = StudyModel(study).conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    for metric in [Metric.goodput, .errorRate] {
      let interval = try #require(recommendation.intervals[metric])
      #expect(interval.lower >= 0 && interval.upper <= 1, "\(metric): \(interval)")
      let value = try #require(recommendation.expected[metric])
      #expect((interval.lower...interval.upper).contains(value))
    }
    #expect(try #require(recommendation.intervals[.throughput]).upper > 1)
  }

  /// Trials of cells chosen at random; of every seventh cell the throughput is `swing` times that of
  /// the others, which follows from nothing.
  private static func study(swinging swing: Double, seed: UInt64) throws -> Study {
    let service = try SyntheticService()
    var generator = SeededGenerator(seed: seed, stream: 5)
    var study = try service.study(seed: seed)
    let cells = (0..<service.space.count).shuffled(using: &generator)
    for (ordinal, cell) in cells.prefix(12 + Int(seed)).enumerated() {
      let throughput = cell.isMultiple(of: 7) ? 40 * swing : 40
      let latency = 50 + 40 * generator.nextUnit()
      study.trials.append(
        Trial(
          ordinal: ordinal, configuration: service.space.configuration(at: cell),
          outcome: .measured(
            Measurement(values: [.throughput: throughput, .latencyP99: latency, "price": 0.5]))))
    }
    return study
  }

  @Test func `no bound is vouched for where trials contradict the models`() throws {
    let seeds = UInt64(0)..<20
    let wild = try seeds.map { StudyModel(try Self.study(swinging: 100, seed: $0)) }
    let withheld = wild.filter { $0.regretBound() == nil }
    #expect(!withheld.isEmpty)
    for model in withheld {
      guard case .recommended(let recommendation) = model.conclusion() else {
        Issue.record("nothing was recommended")
        continue
      }
      #expect(recommendation.regretBound == nil)
      #expect(model.stopReason() != .certainEnough, "a search without a bound isn't over by it")
    }
    for seed in seeds {
      #expect(StudyModel(try Self.study(swinging: 1, seed: seed)).regretBound() != nil)
    }
  }
}
