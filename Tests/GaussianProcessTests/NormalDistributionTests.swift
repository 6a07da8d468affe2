import GaussianProcess
import Testing

@Suite struct NormalDistributionTests {
  /// From mpmath with 60 digits.
  @Test(
    arguments: [
      (2, -0.023012909328963488), (0, -0.69314718055994531), (-3, -6.6077262215103495),
      (-9.5, -48.30601929896523), (-10.5, -58.404187061073243), (-20, -203.91715537109726),
      (-38, -726.55721601882013), (-100, -5005.5242086942051),
    ] as [(Double, Double)])
  func `the logarithm of the lower tail is right far out`(z: Double, expected: Double) {
    let found = NormalDistribution.logProbability(below: z)
    #expect(abs(found / expected - 1) < 1e-9)
  }

  @Test
  func `the logarithm of the lower tail agrees with mpmath from the middle to 10⁶ deviations`() {
    for (z, expected) in zip(ReferenceNumbers.tailPoints, ReferenceNumbers.logProbabilities) {
      let found = NormalDistribution.logProbability(below: z)
      #expect(abs(found / expected - 1) < 1e-13, "at \(z)")
    }
  }

  @Test func `draws are standard normal`() {
    var generator = SystemRandomNumberGenerator()
    let draws = NormalDistribution.draws(100_001, using: &generator)
    #expect(draws.count == 100_001)
    let mean = draws.reduce(0, +) / Double(draws.count)
    let variance = draws.reduce(0) { $0 + $1 * $1 } / Double(draws.count)
    #expect(abs(mean) < 6 / Double(draws.count).squareRoot())
    #expect(abs(variance - 1) < 6 * (2 / Double(draws.count)).squareRoot())
  }
}
