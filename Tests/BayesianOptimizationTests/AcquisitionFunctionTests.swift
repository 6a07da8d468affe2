import BayesianOptimization
import GaussianProcess
import Testing

@Suite struct AcquisitionFunctionTests {
  /// log(φ(z) + zΦ(z)) from mpmath with 200 digits.
  @Test(
    arguments: [
      (3, 1.0987396653277078), (0, -0.91893853320467274), (-0.5, -1.6205162643873199),
      (-1.5, -3.5299359208057099), (-5, -16.74430116266099), (-15, -118.84817068411358),
      (-25, -319.86146358149595), (-37, -692.64296016327041), (-100, -5010.1295788002498),
      (-1_000, -500014.73445209116), (-100_000, -5000000023.9447895),
    ] as [(Double, Double)])
  func `log improvement is right where improvement itself rounds to nothing`(
    z: Double, expected: Double
  ) {
    #expect(abs(AcquisitionFunction.logImprovement(z) / expected - 1) < 1e-8)
  }

  @Test func `expected improvement agrees with Monte Carlo`() {
    var generator = SystemRandomNumberGenerator()
    let (mean, deviation, best) = (0.3, 0.8, 0.9)
    let count = 400_000
    let gains = NormalDistribution.draws(count, using: &generator).map {
      max(mean + deviation * $0 - best, 0)
    }
    let average = gains.reduce(0, +) / Double(count)
    let exact = AcquisitionFunction.logExpectedImprovement(
      mean: mean, variance: deviation * deviation, over: best)
    // Six standard errors; the gains' standard deviation is below 0.3.
    #expect(abs(average - exact.exponential) < 6 * 0.3 / Double(count).squareRoot())
  }

  @Test func `a point whose value is unknown beforehand is never worth a trial`() {
    #expect(
      AcquisitionFunction.logExpectedImprovement(mean: -.infinity, variance: 1, over: 0)
        == -.infinity)
  }
}

extension Double {
  fileprivate var exponential: Double {
    // The series suffices for the small argument here and keeps the test free of imports.
    var (sum, term) = (1.0, 1.0)
    for n in 1...40 {
      term *= self / Double(n)
      sum += term
    }
    return sum
  }
}
