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
}
