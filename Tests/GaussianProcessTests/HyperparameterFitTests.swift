import GaussianProcess
import Glibc
import Testing

@Suite struct HyperparameterFitTests {
  private static let dimensions: [Inputs.Dimension] = [.ordinal, .ordinal, .categorical]
  private static let inputs = Inputs(
    rows: [0, 0, 0, 0.25, 1, 1, 0.5, 0.3, 0, 0.9, 0.6, 2, 1, 0.1, 1], dimensions: dimensions)
  private static let values = [-1.2, 0.3, 0.1, 0.8, 1.1]
  private static let hyperparameters = Hyperparameters(
    logLengthScales: [-0.6931471805599453, -0.2231435513142097, 0.26236426446749106],
    logSignalVariance: -0.35667494393873245, logTrendVariance: -0.916290731874155,
    logNoiseVariance: -4.605170185988091)

  @Test func `the marginal likelihood agrees with an independent implementation`() throws {
    let evaluation = try #require(
      MarginalLikelihood.evaluate(Self.hyperparameters, Self.inputs, Self.values))
    #expect(abs(evaluation.value - -6.059054531536142) < 1e-12)
  }

  @Test func `its gradient agrees with finite differences`() throws {
    let at = Self.hyperparameters.vector
    let evaluation = try #require(
      MarginalLikelihood.evaluate(Self.hyperparameters, Self.inputs, Self.values))
    for index in at.indices {
      let step = 1e-5
      let ends = try [step, -step].map { step in
        var moved = at
        moved[index] += step
        return try #require(
          MarginalLikelihood.evaluate(
            Hyperparameters(vector: moved), Self.inputs, Self.values)
        ).value
      }
      let difference = (ends[0] - ends[1]) / (2 * step)
      #expect(abs(evaluation.gradient[index] - difference) < 1e-7 * max(1, abs(difference)))
    }
  }

  @Test func `a quadratic is climbed to its top`() {
    let top = [1.0, -2.0, 0.5]
    let weights = [1.0, 10.0, 100.0]
    let found = QuasiNewton(iterationsMax: 200).maximize(from: [0, 0, 0]) { x in
      let offsets = zip(x, top).map { $0 - $1 }
      return (
        -zip(offsets, weights).reduce(0) { $0 + $1.1 * $1.0 * $1.0 },
        zip(offsets, weights).map { -2 * $1 * $0 }
      )
    }
    for (found, top) in zip(found.argument, top) { #expect(abs(found - top) < 1e-3) }
  }

  @Test func `fitting beats the prior's mode and finds which dimension matters`() throws {
    // y depends on the first coordinate alone.
    var rows: [Double] = []
    var values: [Double] = []
    for i in 0..<40 {
      let (x, other) = (Double(i) / 39, Double((i * 17) % 40) / 39)
      rows += [x, other]
      values.append(2 * (3 * x - (3 * x).rounded(.down)) - 1)
    }
    let inputs = Inputs(rows: rows, dimensions: [.ordinal, .ordinal])
    let prior = HyperparameterPrior(dimensions: inputs.dimensions)
    let fitted = Prior.fitted(to: inputs, values, believing: prior).hyperparameters
    #expect(fitted.logLengthScales[0] < fitted.logLengthScales[1] - 1)
    let before = try #require(MarginalLikelihood.evaluate(prior.mode, inputs, values))
    let after = try #require(MarginalLikelihood.evaluate(fitted, inputs, values))
    #expect(after.value > before.value)
  }

  @Test func `a matrix that is not positive definite gets jitter and one with holes is refused`() {
    let singular = Cholesky(lowerTriangle: [1, 1, 1, 1], count: 2)
    #expect((singular?.jitter ?? 0) > 0)
    #expect(Cholesky(lowerTriangle: [1, .nan, 0, 1], count: 2) == nil)
    #expect(Cholesky(lowerTriangle: [-1, 0, 0, -1], count: 2) == nil)
  }

  @Test func `the gradient knows of categories that no observation has`() throws {
    let dimensions: [Inputs.Dimension] = [.categorical, .ordinal, .categorical]
    var rows: [Double] = []
    for i in 0..<24 { rows += [Double(i % 4), Double(i) / 24, Double((i / 4) % 3)] }
    let all = Inputs(rows: rows, dimensions: dimensions)
    let prior = HyperparameterPrior(dimensions: dimensions).tellingCategoriesApart(in: all)
    let few = (0..<24).filter { $0 % 4 < 2 }
    let posterior = HyperparameterPosterior(
      all.selecting(few), few.map { sin(Double($0)) }, noiseFactors: nil, prior: prior)
    var vector: [Double] = prior.beliefs.map { $0.mean }
    for index in vector.indices { vector[index] += 0.1 * cos(Double(index)) }
    let gradient = try #require(posterior.logDensity(vector)).gradient
    #expect(gradient.count == vector.count)
    for index in vector.indices {
      var (up, down) = (vector, vector)
      up[index] += 1e-5
      down[index] -= 1e-5
      let above = try #require(posterior.logDensity(up)).value
      let below = try #require(posterior.logDensity(down)).value
      let difference = (above - below) / 2e-5
      #expect(abs(gradient[index] - difference) < 1e-4 * (1 + abs(difference)), "\(index)")
    }
  }
}
