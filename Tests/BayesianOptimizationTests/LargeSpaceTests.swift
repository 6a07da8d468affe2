import BayesianOptimization
import GaussianProcess
import Glibc
import Testing
import Tuning

/// Spaces that nobody can go through cell by cell.
@Suite struct LargeSpaceTests {
  private static let names = (0..<20).map { "k\($0)" }

  /// Twenty parameters of eight levels, 10¹⁸ configurations: a rate that saturates in each of some
  /// parameters and is best in the middle of others, and a latency that grows with half of them.
  private static func study(seed: UInt64, trialsMax: Int) throws -> Study {
    let space = try SearchSpace(
      names.map {
        Parameter(
          name: ParameterName($0), domain: try Domain(numbers: [1, 2, 4, 8, 16, 32, 64, 128]),
          target: .column)
      })
    return try Study(
      ofThroughputIn: space, latencyMax: 200, trialsMax: trialsMax,
      regretTolerance: Share(0, of: 1), seed: seed)
  }

  private static func outcome(_ configuration: Configuration) -> Outcome {
    let x = names.map { log2(configuration[ParameterName($0)]?.magnitude ?? 1) / 7 }
    var (rate, latency) = (6.0, 4.2 + 0.4 * x[10])
    for k in 0..<5 {
      rate += 0.6 * x[k]
      latency += 0.35 * x[k] * x[k]
    }
    for k in 5..<10 {
      let off = x[k] - 0.4
      rate -= 1.2 * off * off
    }
    return .measured(Measurement(values: [.throughput: exp(rate), .latencyP99: exp(latency)]))
  }

  @Test func `of twenty parameters a search finds what chance doesn't`() throws {
    var study = try Self.study(seed: 3, trialsMax: 40)
    while study.trials.count < 40 {
      let next = try #require(StudyModel(study).proposals(1).first)
      study.trials.append(
        Trial(ordinal: study.trials.count, configuration: next, outcome: Self.outcome(next)))
    }
    #expect(Set(study.trials.map(\.configuration)).count == 40)
    let found = try #require(study.incumbent.flatMap(study.feasibleObjective))
    var generator = SeededGenerator(seed: 8)
    let byChance = (0..<400).compactMap { _ -> Double? in
      let cell = Int(generator.next() % UInt64(study.space.count))
      let configuration = study.space.configuration(at: cell)
      return study.feasibleObjective(
        of: Trial(ordinal: 0, configuration: configuration, outcome: Self.outcome(configuration)))
    }
    let best = try #require(byChance.max())
    #expect(found > best, "better than ten times as many by chance")
    guard case .recommended(let recommendation) = StudyModel(study).conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    #expect(study.space.index(of: recommendation.configuration) != nil)
  }

  @Test func `proposals in a large space are the same each time, open and distinct`() throws {
    var study = try Self.study(seed: 4, trialsMax: 40)
    for proposal in StudyModel(study).proposals(6) {
      study.trials.append(
        Trial(ordinal: study.trials.count, configuration: proposal, outcome: Self.outcome(proposal))
      )
    }
    let first = StudyModel(study).proposals(3)
    #expect(first == StudyModel(study).proposals(3))
    #expect(Set(first + study.trials.map(\.configuration)).count == 9)
    #expect(StudyModel(study).stopReason() == nil)
  }

  /// Only combinations on a line are allowed, more of them than are looked at one by one.
  @Test func `a ragged space of many rows is climbed within its rows`() throws {
    let parameters = try ["a", "b", "c"].map {
      Parameter(
        name: ParameterName($0), domain: try Domain(integers: 1...60, step: 1), target: .column)
    }
    var rows: [[Level]] = []
    for a in 1...60 {
      for b in 1...60 {
        for c in 1...60 where (a + b + c).isMultiple(of: 2) {
          rows.append([.integer(a), .integer(b), .integer(c)])
        }
      }
    }
    var study = try Study(
      ofThroughputIn: try SearchSpace(parameters, allowed: rows), trialsMax: 20,
      regretTolerance: Share(0, of: 1), seed: 1)
    #expect(study.space.count == 108_000)
    func rate(_ configuration: Configuration) -> Double {
      let x = ["a", "b", "c"].map { configuration[ParameterName($0)]?.magnitude ?? 0 }
      return 100 * x[0] * x[1] / (x[0] + x[1]) * exp(-0.001 * (x[2] - 30) * (x[2] - 30))
    }
    for _ in 0..<14 {
      let next = try #require(StudyModel(study).proposals(1).first)
      #expect(study.space.index(of: next) != nil)
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: next,
          outcome: .measured(Measurement(values: [.throughput: rate(next)]))))
    }
    let found = try #require(study.incumbent.flatMap(study.feasibleObjective))
    #expect(found > 0.9 * 3_000)
  }
}
