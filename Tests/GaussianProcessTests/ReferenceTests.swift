import GaussianProcess
import Glibc
import Testing

/// The model against `reference.py`: scikit-learn, and its definition in mpmath.
@Suite struct ReferenceTests {
  private typealias Reference = ReferenceNumbers
  private static let ordinals = [Inputs.Dimension](repeating: .ordinal, count: 3)
  private static let inputs = Inputs(rows: Reference.inputs, dimensions: ordinals)
  private static let hyperparameters = Hyperparameters(
    vector: Reference.hyperparameters.map { log($0) })

  @Test func `the marginal likelihood and its gradient agree with scikit-learn`() throws {
    let found = try #require(
      MarginalLikelihood.evaluate(Self.hyperparameters, Self.inputs, Reference.values))
    #expect(abs(found.value - Reference.logLikelihood[0]) < 1e-10)
    #expect(found.gradient.count == Reference.gradient.count)
    for (found, expected) in zip(found.gradient, Reference.gradient) {
      #expect(abs(found - expected) < 1e-9)
    }
  }

  @Test func `means and variances agree with scikit-learn`() throws {
    let posterior = try #require(
      Prior(hyperparameters: Self.hyperparameters, dimensions: Self.ordinals)
        .conditioned(on: Self.inputs, Reference.values))
    let marginals = posterior.marginals(
      at: Inputs(rows: Reference.points, dimensions: Self.ordinals))
    for i in Reference.means.indices {
      #expect(abs(marginals.means[i] - Reference.means[i]) < 1e-9)
      #expect(abs(marginals.variances[i] - Reference.variances[i]) < 1e-9)
    }
  }

  @Test func `categories with scales of their own and uneven noise agree with mpmath`() throws {
    let inputs = Inputs(
      rows: Reference.mixedRows, dimensions: [.ordinal, .ordinal, .categorical])
    let found = try #require(
      MarginalLikelihood.evaluate(
        Hyperparameters(vector: Reference.mixedVector, categories: [0, 0, 3]), inputs,
        Reference.mixedValues, noiseFactors: Reference.mixedFactors))
    #expect(abs(found.value - Reference.mixedLogLikelihood[0]) < 1e-12)
    #expect(found.gradient.count == Reference.mixedGradient.count)
    for (found, expected) in zip(found.gradient, Reference.mixedGradient) {
      #expect(abs(found - expected) < 1e-11)
    }
  }

  @Test func `the exponential function of the inner loop is right to 4 units in the last place`() {
    for step in 0..<100_000 {
      let s = Double(step) * 0.00707
      let found = exponential(ofMinus: Lanes(s, s / 2, s / 3, s / 5))
      for (lane, s) in [s, s / 2, s / 3, s / 5].enumerated() {
        #expect(abs(found[lane] - exp(-s)) <= 4 * exp(-s).ulp)
      }
    }
    #expect(exponential(ofMinus: Lanes(repeating: .infinity)).max() < 1e-300)
  }
}
