import GaussianProcess
import Glibc
import Testing

/// Expected numbers come from an independent implementation of the formulas in NumPy and SciPy.
@Suite struct PosteriorTests {
  private static let dimensions: [Inputs.Dimension] = [.ordinal, .ordinal, .categorical]
  private static let inputs = Inputs(
    rows: [0, 0, 0, 0.25, 1, 1, 0.5, 0.3, 0, 0.9, 0.6, 2, 1, 0.1, 1], dimensions: dimensions)
  private static let values = [-1.2, 0.3, 0.1, 0.8, 1.1]
  private static let points = Inputs(
    rows: [0.4, 0.4, 0, 0.75, 0, 2, 0, 1, 1], dimensions: dimensions)
  private static let hyperparameters = Hyperparameters(
    logLengthScales: [-0.6931471805599453, -0.2231435513142097, 0.26236426446749106],
    logSignalVariance: -0.35667494393873245, logTrendVariance: -0.916290731874155,
    logNoiseVariance: -4.605170185988091)

  private static func posterior() throws -> Posterior {
    try #require(
      Prior(hyperparameters: hyperparameters, dimensions: dimensions)
        .conditioned(on: inputs, values))
  }

  @Test func `means and variances agree with an independent implementation`() throws {
    let marginals = try Self.posterior().marginals(at: Self.points)
    let means = [-0.04541280022574015, 0.3979927766070061, -0.10631158083876606]
    let variances = [0.053221437413064177, 0.382422295939284, 0.259902604455295]
    for i in 0..<3 {
      #expect(abs(marginals.means[i] - means[i]) < 1e-12)
      #expect(abs(marginals.variances[i] - variances[i]) < 1e-12)
    }
  }

  @Test func `leave-one-out residuals agree with leaving one out`() throws {
    let expected = [
      -1.0640660536209823, 0.4584767851200082, 0.12401405369396862, -0.25849181780403224,
      0.8009330621956947,
    ]
    for (found, expected) in zip(try Self.posterior().leaveOneOutResiduals, expected) {
      #expect(abs(found - expected) < 1e-12)
    }
  }

  @Test func `what the others predict agrees with the residuals`() throws {
    let posterior = try Self.posterior()
    let predicted = posterior.leaveOneOut
    for (i, residual) in posterior.leaveOneOutResiduals.enumerated() {
      let own = (Self.values[i] - predicted.means[i]) / predicted.variances[i].squareRoot()
      #expect(abs(own - residual) < 1e-12)
    }
  }

  @Test func `functions learned anew from the others are as good as a wider trend`() throws {
    let more = 0.8
    var hyperparameters = Hyperparameters(vector: [0.5, 0.3].map { log($0) } + [0, -1, -3])
    let dimensions: [Inputs.Dimension] = [.ordinal, .ordinal]
    let rows = [0, 0.4, 0.2, 1, 0.5, 0, 0.8, 0.7, 1, 0.3]
    let inputs = Inputs(rows: rows, dimensions: dimensions)
    let values = [0.3, -1, 0.8, 0.1, 1.4]
    let narrow = try #require(
      Prior(hyperparameters: hyperparameters, dimensions: dimensions).conditioned(
        on: inputs, values))
    let found = try #require(
      narrow.leaveOneOutResiduals(of: values, adding: rows.map { more * (2 * $0 - 1) }))
    hyperparameters.logTrendVariance = log(exp(hyperparameters.logTrendVariance) + more * more)
    let wide = try #require(
      Prior(hyperparameters: hyperparameters, dimensions: dimensions).conditioned(
        on: inputs, values))
    for (found, expected) in zip(found, wide.leaveOneOutResiduals) {
      #expect(abs(found - expected) < 1e-10)
    }
  }

  @Test func `many points are predicted as each by itself`() throws {
    let posterior = try Self.posterior()
    var rows: [Double] = []
    for i in 0..<3_000 {
      let (first, second) = (Double(i % 7), Double(i % 11))
      rows += [first / 6, second / 10, Double(i % 3)]
    }
    let together = posterior.marginals(at: Inputs(rows: rows, dimensions: Self.dimensions))
    for i in [0, 1, 63, 64, 1_023, 1_024, 2_047, 2_999] {
      let alone = posterior.marginals(
        at: Inputs(rows: Array(rows[(3 * i)..<(3 * i + 3)]), dimensions: Self.dimensions))
      #expect(abs(together.means[i] - alone.means[0]) < 1e-12)
      #expect(abs(together.variances[i] - alone.variances[0]) < 1e-12)
    }
  }

  @Test func `joint draws have the posterior's means and variances`() throws {
    let posterior = try Self.posterior()
    var generator = SystemRandomNumberGenerator()
    let count = 20_000
    let draws = try #require(
      posterior.draws(at: Self.points, count: count, using: &generator))
    let marginals = posterior.marginals(at: Self.points)
    for i in 0..<3 {
      let values = (0..<count).map { draws[$0 * 3 + i] }
      let mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      // Six standard errors.
      let error = 6 * (marginals.variances[i] / Double(count)).squareRoot()
      #expect(abs(mean - marginals.means[i]) < error)
      #expect(abs(variance / marginals.variances[i] - 1) < 6 * (2 / Double(count)).squareRoot())
    }
  }

  @Test func `without observations the posterior is the prior`() throws {
    let empty = Inputs(rows: [], dimensions: Self.dimensions)
    let posterior = try #require(
      Prior(hyperparameters: Self.hyperparameters, dimensions: Self.dimensions)
        .conditioned(on: empty, []))
    let marginals = posterior.marginals(at: Self.points)
    #expect(marginals.means == [0, 0, 0])
    // β² + σ² + τ² Σ z² at (0.4, 0.4).
    #expect(abs(marginals.variances[0] - (1 + 0.7 + 0.4 * 0.08)) < 1e-12)
  }

  @Test func `equal points and constant values are no trouble`() throws {
    let inputs = Inputs(
      rows: [Double](repeating: 0.5, count: 60), dimensions: Self.dimensions)
    let prior = Prior.fitted(
      to: inputs, [Double](repeating: 0, count: 20),
      believing: HyperparameterPrior(dimensions: Self.dimensions))
    let marginals = try #require(
      prior.conditioned(on: inputs, [Double](repeating: 0, count: 20))
    ).marginals(at: Self.points)
    #expect(marginals.means.allSatisfy { $0.isFinite && abs($0) < 1e-6 })
    #expect(marginals.variances.allSatisfy { $0.isFinite && $0 > 0 })
  }

  @Test func `values that are not finite make no posterior`() {
    let prior = Prior(hyperparameters: Self.hyperparameters, dimensions: Self.dimensions)
    #expect(prior.conditioned(on: Self.inputs, [1, 2, .nan, 3, 4]) == nil)
    #expect(prior.conditioned(on: Self.inputs, [1, 2, .infinity, 3, 4]) == nil)
  }

  /// A linear trend is a part of the kernel, or functions with weights of their own: the variance is the
  /// same (Rasmussen and Williams, equation 2.42).
  @Test func `what observations leave open of a trend agrees with a trend in the kernel`() throws {
    var plain = Self.hyperparameters
    let trend = plain.trendVariance
    plain.logTrendVariance = -60
    let posterior = try #require(
      Prior(hyperparameters: plain, dimensions: Self.dimensions)
        .conditioned(on: Self.inputs, Self.values))
    // z = 2x − 1 of the first two dimensions.
    let observed: [Double] = [-1, -1, -0.5, 1, 0, -0.4, 0.8, 0.2, 1, -0.8]
    var left: [Double] = [-0.2, -0.2, 0.5, -1, -1, 1]
    let basis = posterior.basis(observed, width: 2)
    let found = posterior.marginals(at: Self.points, explaining: &left, basis)
    // H K⁻¹ Hᵀ, of which a column is what is left at an observation, over its noise.
    var open = observed
    _ = posterior.marginals(at: Self.inputs, explaining: &open, basis)
    var precision = [1 / trend, 0, 0, 1 / trend]
    for i in 0..<5 {
      for a in 0..<2 {
        for b in 0..<2 {
          precision[2 * b + a] += open[2 * i + a] * observed[2 * i + b] / plain.noiseVariance
        }
      }
    }
    let determinant = precision[0] * precision[3] - precision[1] * precision[2]
    let whole = try Self.posterior().marginals(at: Self.points).variances
    for i in 0..<3 {
      let (u, v) = (left[2 * i], left[2 * i + 1])
      let added =
        (u * u * precision[3] - u * v * (precision[1] + precision[2]) + v * v * precision[0])
        / determinant
      #expect(abs(found.variances[i] + added - whole[i]) < 1e-9)
    }
  }
}
