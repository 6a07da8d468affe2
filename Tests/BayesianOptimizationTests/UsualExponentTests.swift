import BayesianOptimization
import Testing
import Tuning

/// What is expected of a parameter by its role, before its levels were compared.
@Suite struct UsualExponentTests {
  private static func configuration(_ x: Int, _ engine: String) -> Configuration {
    Configuration([
      .init(name: "x", level: .integer(x)), .init(name: "engine", level: .choice(engine)),
    ])
  }

  /// Two engines, both measured in the middle of the other parameter: too slow by a half.
  private static func study(_ role: Parameter.Role) throws -> Study {
    let space = try SearchSpace([
      Parameter(
        name: "x", domain: try Domain(integers: [1, 2, 4, 8, 16, 32, 64], scale: .logarithmic),
        target: .column, role: role),
      Parameter(name: "engine", domain: try Domain(choices: ["a", "b"]), target: .column),
    ])
    var study = try Study(ofThroughputIn: space, latencyMax: 100)
    for engine in ["a", "b"] {
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: configuration(8, engine),
          outcome: .measured(Measurement(values: [.throughput: 100, .latencyP99: 150]))))
    }
    return study
  }

  private static func nextLevel(_ role: Parameter.Role) throws -> Double {
    let next = try #require(StudyModel(try study(role)).proposals(1).first)
    return try #require(next["x"]?.magnitude)
  }

  @Test func `where it is too slow, less is worked on at once, or more computes`() throws {
    #expect(try Self.nextLevel(.workAtOnce) < 8)
    #expect(try Self.nextLevel(.computing) > 8)
  }

  @Test func `the first trial is where it is likely to be fast enough`() throws {
    func first(_ role: Parameter.Role) throws -> Double {
      var study = try Self.study(role)
      study.trials = []
      let next = try #require(StudyModel(study).proposals(1).first)
      return try #require(next["x"]?.magnitude)
    }
    #expect(try first(.workAtOnce) < 8)
    #expect(try first(.computing) > 8)
    #expect(try first(.unknown) == 8)
  }

  @Test func `a server that does otherwise is believed`() throws {
    var study = try Self.study(.workAtOnce)
    // Larger batches are faster here, however unusual that is.
    for (x, latency) in [(1, 400.0), (16, 120.0), (2, 300.0)] {
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: Self.configuration(x, "a"),
          outcome: .measured(Measurement(values: [.throughput: 100, .latencyP99: latency]))))
    }
    let next = try #require(StudyModel(study).proposals(1).first)
    #expect(try #require(next["x"]?.magnitude) > 16)
  }
}
