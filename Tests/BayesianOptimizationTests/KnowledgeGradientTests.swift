import BayesianOptimization
import GaussianProcess
import Glibc
import Testing
import Tuning

@Suite struct KnowledgeGradientTests {
  /// Three points of one metric that is the utility, and of one that is bounded.
  private static let rate = KnowledgeGradient.Law(
    means: [0.2, 0.4, 0.1], covariance: [0.09, 0.05, 0.01, 0.05, 0.16, 0.02, 0.01, 0.02, 0.25],
    noiseVariance: 0.02)
  private static let latency = KnowledgeGradient.Law(
    means: [-0.7, -0.2, -0.1], covariance: [0.04, 0.03, 0.01, 0.03, 0.09, 0.04, 0.01, 0.04, 0.09],
    noiseVariance: 0.01)

  private static func draws(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: 11)
    return NormalDistribution.draws(count, using: &generator)
  }

  /// P. Frazier, W. Powell, S. Dayanik, *INFORMS Journal on Computing* 21, 2009: of two alternatives,
  /// s h(−|μ₁ − μ₂| / s), s the deviation of the difference of the moves, h(z) = φ(z) + z Φ(z).
  @Test func `of two points without a bound the gain is known in closed form`() {
    let law = KnowledgeGradient.Law(
      means: [0.5, 0.2], covariance: [0.3, 0.1, 0.1, 0.4], noiseVariance: 0.1)
    let gradient = KnowledgeGradient(
      [law], weights: [1], known: [0, 0], bounds: [], serving: [0, 0],
      isRecommendable: [true, true])
    let found = gradient.gains(of: [0, 1], draws: Self.draws(400_000))
    for (x, (own, other)) in [(0.3, 0.1), (0.4, 0.1)].enumerated() {
      let s = abs(own - other) / (own + 0.1).squareRoot()
      let z = -0.3 / s
      let expected =
        s * (NormalDistribution.density(z) + z * NormalDistribution.probability(below: z))
      // Six standard errors.
      #expect(abs(found[x] - expected) < 6 * s / 400_000.0.squareRoot())
    }
  }

  /// The law after a measurement of `value` at `x`, by Gauss's formulas.
  private static func after(
    _ law: KnowledgeGradient.Law, _ x: Int, _ value: Double
  ) -> (means: [Double], variances: [Double]) {
    let n = law.means.count
    let total = law.covariance[x * n + x] + law.noiseVariance
    let surprise = value - law.means[x]
    var (means, variances): ([Double], [Double]) = ([], [])
    for j in 0..<n {
      let shared = law.covariance[x * n + j]
      means.append(law.means[j] + shared / total * surprise)
      variances.append(law.covariance[j * n + j] - shared * shared / total)
    }
    return (means, variances)
  }

  private static func reward(
    _ rate: (means: [Double], variances: [Double]),
    _ latency: (means: [Double], variances: [Double]), allowed: [Int], serving: [Double]
  ) -> Double {
    allowed.map { j in
      KnowledgeGradient.reward(
        utility: rate.means[j],
        logChance: serving[j]
          + NormalDistribution.logProbability(
            below: -latency.means[j] / latency.variances[j].squareRoot()))
    }.max() ?? 0
  }

  @Test(arguments: [[true, true, true], [true, false, false]])
  func `with a bound the gain agrees with measurements that are played through`(
    isRecommendable: [Bool]
  ) {
    let serving = [0, -0.02, -0.5]
    let gradient = KnowledgeGradient(
      [Self.rate, Self.latency], weights: [1, 0], known: [0, 0, 0],
      bounds: [(weights: [0, 1], bound: 0)], serving: serving, isRecommendable: isRecommendable)
    let found = gradient.gains(of: [0, 1, 2], draws: Self.draws(200_000))
    let (n, count) = (3, 100_000)
    func unmeasured(_ law: KnowledgeGradient.Law) -> (means: [Double], variances: [Double]) {
      (law.means, (0..<n).map { law.covariance[$0 * n + $0] })
    }
    let still = [unmeasured(Self.rate), unmeasured(Self.latency)]
    let before = Self.reward(
      still[0], still[1], allowed: (0..<n).filter { isRecommendable[$0] }, serving: serving)
    var generator = SeededGenerator(seed: 12)
    for x in 0..<n {
      let allowed = (0..<n).filter { isRecommendable[$0] || $0 == x }
      var known = serving
      known[x] = 0
      let z = NormalDistribution.draws(4 * count, using: &generator)
      var sum = 0.0
      var squares = 0.0
      for i in 0..<count {
        // What is true there, then what is measured of it.
        var values: [Double] = []
        for (k, law) in [Self.rate, Self.latency].enumerated() {
          let deviation: Double = law.covariance[x * n + x].squareRoot()
          let noise: Double = law.noiseVariance.squareRoot()
          values.append(law.means[x] + deviation * z[4 * i + 2 * k] + noise * z[4 * i + 2 * k + 1])
        }
        let gain =
          Self.reward(
            Self.after(Self.rate, x, values[0]), Self.after(Self.latency, x, values[1]),
            allowed: allowed, serving: known) - before
        sum += gain
        squares += gain * gain
      }
      let average = sum / Double(count)
      let variance: Double = squares / Double(count) - average * average
      // Both have an error.
      #expect(abs(found[x] - average) < 9 * (variance / Double(count)).squareRoot())
    }
  }

  @Test func `what can't be recommended and tells nothing gains nothing`() {
    let law = KnowledgeGradient.Law(
      means: [1, 0], covariance: [0.1, 0, 0, 1e-12], noiseVariance: 0.1)
    let gradient = KnowledgeGradient(
      [law], weights: [1], known: [0, 0], bounds: [], serving: [0, 0],
      isRecommendable: [true, false])
    #expect(abs(gradient.gains(of: [1], draws: Self.draws(100))[0]) < 1e-9)
  }

  @Test func `less than nearly sure costs more than any usual gain`() {
    let sure = KnowledgeGradient.reward(utility: 0, logChance: log(0.96))
    let even = KnowledgeGradient.reward(utility: 1, logChance: log(0.5))
    #expect(sure > even)
    #expect(KnowledgeGradient.reward(utility: 0.1, logChance: log(0.96)) > sure)
  }
}
