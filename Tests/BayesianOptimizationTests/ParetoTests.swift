import BayesianOptimization
import GaussianProcess
import Glibc
import Testing
import Tuning

@Suite struct ParetoTests {
  private static let fronts: [[[Double]]] = [
    [[1, 3], [2, 2], [3, 0.5], [0.5, 0.5]],
    [[1, 3, 1], [2, 2, 0.5], [3, 0.5, 2], [1, 1, 3], [0.2, 0.2, 0.2]],
    [[1, 2, 1, 2], [2, 1, 2, 1], [0.5, 3, 0.5, 1]],
  ]

  @Test func `points that another beats or equals are not on the front`() {
    #expect(
      ParetoImprovement.undominatedIndices([[1, 2], [2, 1], [1, 1], [1, 2], [0, 3]]) == [0, 1, 4])
  }

  @Test func `the volume of a staircase is the sum of its steps`() {
    // Over (0, 0): 3 × 0.5, then 2 × 1.5, then 1 × 1.
    let improvement = ParetoImprovement(front: Self.fronts[0], reference: [0, 0])
    #expect(abs(improvement.volume - 5.5) < 1e-12)
    // Two boxes of 1 × 2 × 1 and 2 × 1 × 2 that share 1 × 1 × 1.
    let boxes = ParetoImprovement(front: [[1, 2, 1], [2, 1, 2]], reference: [0, 0, 0])
    #expect(abs(boxes.volume - 5) < 1e-12)
  }

  @Test(arguments: 0..<3)
  func `expected improvement of the front agrees with Monte Carlo`(number: Int) {
    let front = Self.fronts[number]
    let count = front[0].count
    let reference = [Double](repeating: 0, count: count)
    let improvement = ParetoImprovement(front: front, reference: reference)
    let means = (0..<count).map { 1.8 + 0.3 * Double($0) }
    let variances = (0..<count).map { 0.4 + 0.2 * Double($0) }
    var generator = SeededGenerator(seed: 11)
    let draws = 40_000
    var (sum, squares) = (0.0, 0.0)
    for _ in 0..<draws {
      let z = NormalDistribution.draws(count, using: &generator)
      let point = (0..<count).map { means[$0] + variances[$0].squareRoot() * z[$0] }
      let gain =
        ParetoImprovement(front: front + [point], reference: reference).volume
        - improvement.volume
      sum += gain
      squares += gain * gain
    }
    let mean = sum / Double(draws)
    let error = ((squares / Double(draws) - mean * mean) / Double(draws)).squareRoot()
    let exact = improvement.logExpectation(means: means, variances: variances)
    #expect(abs(log(mean) - exact) < 5 * error / mean)
  }

  @Test func `without a front and in one dimension it is expected improvement`() {
    let alone = ParetoImprovement(front: [], reference: [0.5])
    let expected = AcquisitionFunction.logExpectedImprovement(mean: 0.2, variance: 0.3, over: 0.5)
    #expect(abs(alone.logExpectation(means: [0.2], variances: [0.3]) - expected) < 1e-12)
    // Independent of each other, two objectives over nothing multiply.
    let pair = ParetoImprovement(front: [], reference: [0.5, 0.5])
    let found = pair.logExpectation(means: [0.2, 0.2], variances: [0.3, 0.3])
    #expect(abs(found - 2 * expected) < 1e-12)
  }

  @Test func `hopeless points are still told apart`() {
    let improvement = ParetoImprovement(front: Self.fronts[0], reference: [0, 0])
    let far = improvement.logExpectation(means: [-40, -40], variances: [1, 1])
    let farther = improvement.logExpectation(means: [-41, -40], variances: [1, 1])
    #expect(far > farther)
    #expect(farther > -.infinity)
  }

  /// Rate against price on the synthetic service, with its memory and latency limits.
  @Test func `a search with two objectives finds the front in a tenth of the space`() throws {
    let service = try SyntheticService()
    var study = try Self.rateAgainstPrice(service, seed: 3)
    var generator = SeededGenerator(seed: 3, stream: 99)
    for ordinal in 0..<48 {
      let model = StudyModel(study)
      guard model.stopReason() == nil else { break }
      let next = try #require(model.proposals(1).first)
      study.trials.append(
        Trial(
          ordinal: ordinal, configuration: next,
          outcome: service.outcome(next, noise: 0.02, using: &generator)))
    }
    let front = try #require(StudyModel(study).paretoFront())
    #expect(front.members.count >= 4)
    for (better, worse) in zip(front.members, front.members.dropFirst()) {
      #expect(better.expected[0] > worse.expected[0] && better.expected[1] > worse.expected[1])
    }
    let truth = (0..<service.space.count).map(service.space.configuration(at:))
      .compactMap { Self.place($0, service, study) }
    let found = front.members.compactMap { Self.place($0.configuration, service, study) }
    let reference = [0, 1].map { k in (truth.map { $0[k] }.min() ?? 0) - 0.01 }
    let share =
      ParetoImprovement(front: found, reference: reference).volume
      / ParetoImprovement(front: truth, reference: reference).volume
    #expect(share > 0.93, "\(share) of the volume after \(study.trials.count) trials")
    guard case .recommended(let advice) = StudyModel(study).conclusion() else {
      Issue.record("nothing was recommended")
      return
    }
    #expect(front.members.map(\.configuration).contains(advice.configuration))
  }

  /// 40 trials at random, whose noise puts some on the wrong side of the limit.
  @Test func `what the front promises holds for the truth`() throws {
    let service = try SyntheticService()
    let runs = 16
    var (held, members, feasible) = (0, 0, 0)
    for seed in 0..<UInt64(runs) {
      var study = try Self.rateAgainstPrice(service, seed: seed)
      var generator = SeededGenerator(seed: seed, stream: 98)
      let cells = Array(0..<service.space.count).shuffled(using: &generator).prefix(40)
      study.trials = cells.enumerated().map { ordinal, cell in
        let configuration = service.space.configuration(at: cell)
        return Trial(
          ordinal: ordinal, configuration: configuration,
          outcome: service.outcome(configuration, noise: 0.05, using: &generator))
      }
      let front = try #require(StudyModel(study).paretoFront())
      let truth = (0..<service.space.count).map(service.space.configuration(at:))
        .compactMap { Self.place($0, service, study) }
      let found = front.members.compactMap { Self.place($0.configuration, service, study) }
      members += front.members.count
      feasible += found.count
      let bound = try #require(front.regretBound).fraction
      if Self.shortfall(of: found, from: truth) <= bound { held += 1 }
    }
    #expect(Double(feasible) >= 0.97 * Double(members), "\(feasible) of \(members) feasible")
    // 90 of 100 promised: fewer than 12 of 16 have a chance of 2 %.
    #expect(held >= 12, "\(held) of \(runs) bounds held")
  }

  /// The most by which any true place beats every found one, as a share.
  private static func shortfall(of found: [[Double]], from truth: [[Double]]) -> Double {
    truth.map { rival in
      found.map { member in
        max(1 - exp(member[0] - rival[0]), exp(rival[1] - member[1]) - 1, 0)
      }.min() ?? 1
    }.max() ?? 0
  }

  private static func rateAgainstPrice(_ service: SyntheticService, seed: UInt64) throws -> Study {
    let plain = try service.study(seed: seed)
    return Study(
      name: plain.name, space: plain.space,
      objective: Objective(.maximize, try Expression("throughput_rps")),
      furtherObjectives: [Objective(.minimize, try Expression("price"))],
      constraints: plain.constraints, limits: plain.limits, seed: seed)
  }

  /// Logarithms of rate and 1 / price; nil where the configuration is truly infeasible.
  private static func place(
    _ configuration: Configuration, _ service: SyntheticService, _ study: Study
  ) -> [Double]? {
    let trial = Trial(
      ordinal: 0, configuration: configuration, outcome: service.outcome(configuration))
    guard study.feasibleObjective(of: trial) != nil, let measurement = trial.measurement,
      let rate = measurement[.throughput], let price = measurement["price"]
    else { return nil }
    return [log(rate), -log(price)]
  }
}
