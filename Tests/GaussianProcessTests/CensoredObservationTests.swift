import GaussianProcess
import Glibc
import Testing

@Suite struct CensoredObservationTests {
  private static let line: [Inputs.Dimension] = [.ordinal]

  @Test func `with one bound the moments agree with integration`() throws {
    let prior = Prior(
      hyperparameters: Hyperparameters(vector: [0.5, 0.8, 0.25, 0.0625].map { log($0) }),
      dimensions: Self.line)
    let posterior = try #require(
      prior.conditioned(
        on: Inputs(rows: [0.2, 0.7], dimensions: Self.line), [0.8, -0.3],
        censoring: [.none, .atMost]))
    let found = posterior.marginals(at: Inputs(rows: [0.45, 0.7], dimensions: Self.line))
    for i in 0..<2 {
      #expect(abs(found.means[i] - ReferenceNumbers.censoredMeans[i]) < 1e-6)
      #expect(abs(found.variances[i] - ReferenceNumbers.censoredVariances[i]) < 1e-6)
    }
  }

  @Test(arguments: [0, 0.3])
  func `a bound that may say nothing counts by as much`(doubt: Double) throws {
    let prior = Prior(
      hyperparameters: Hyperparameters(vector: [0.5, 2, 0.25, 1].map { log($0) }),
      dimensions: Self.line)
    let point = Inputs(rows: [0.7], dimensions: Self.line)
    let posterior = try #require(
      prior.conditioned(on: point, [0.4], censoring: [.atLeast], doubts: [doubt]))
    let found = posterior.marginals(at: point)
    // The law before: β² + σ² + τ² z², z = 2 · 0.7 − 1.
    let variance = 1 + 2 + 0.25 * 0.16
    var moments = [0.0, 0, 0]
    for step in -4_000...4_000 {
      let f = Double(step) / 200
      let weight =
        exp(-0.5 * f * f / variance)
        * (doubt + (1 - doubt) * NormalDistribution.probability(below: f - 0.4))
      for power in 0..<3 { moments[power] += weight * pow(f, Double(power)) }
    }
    let mean = moments[1] / moments[0]
    #expect(abs(found.means[0] - mean) < 1e-4)
    #expect(abs(found.variances[0] - (moments[2] / moments[0] - mean * mean)) < 1e-3)
  }

  @Test func `a bound moves only what it contradicts`() throws {
    let prior = Prior(
      hyperparameters: HyperparameterPrior(dimensions: Self.line).mode, dimensions: Self.line)
    let inputs = Inputs(rows: [0, 0.25, 0.75, 1], dimensions: Self.line)
    let values = [-1, -0.5, 0.5, 1.0]
    let plain = try #require(prior.conditioned(on: inputs, values))
    let middle = Inputs(rows: [0.5], dimensions: Self.line)
    let all = inputs.appending(middle)
    let idle = try #require(
      prior.conditioned(
        on: all, values + [-3], censoring: [.none, .none, .none, .none, .atLeast]))
    let telling = try #require(
      prior.conditioned(
        on: all, values + [0.6], censoring: [.none, .none, .none, .none, .atLeast]))
    let means = [plain, idle, telling].map { $0.marginals(at: middle).means[0] }
    #expect(abs(means[0] - means[1]) < 1e-6)
    #expect(means[2] > means[0] + 0.2)
  }

  @Test func `bounds that contradict each other, and nothing but bounds, are no trouble`() throws {
    let inputs = Inputs(rows: [0.5, 0.5, 0.1], dimensions: Self.line)
    let believed = HyperparameterPrior(dimensions: Self.line)
    let censoring: [Censoring] = [.atLeast, .atMost, .atMost]
    let prior = Prior.fitted(
      to: inputs, [2, -2, 0], censoring: censoring, believing: believed)
    let found = try #require(
      prior.conditioned(on: inputs, [2, -2, 0], censoring: censoring)
    ).marginals(at: inputs)
    #expect(found.means.allSatisfy { mean in mean.isFinite })
    #expect(found.variances.allSatisfy { variance in variance > 0 && variance.isFinite })
    #expect(abs(found.means[0]) < 1)
  }

  @Test func `a prior fitted with bounds knows the slope that they show`() throws {
    // Six values of a rising line, of which the upper three were cut at 0.5.
    let inputs = Inputs(rows: [0, 0.2, 0.4, 0.6, 0.8, 1], dimensions: Self.line)
    let values = [-1, -0.5, 0, 0.5, 0.5, 0.5]
    let censoring: [Censoring] = [.none, .none, .none, .atLeast, .atLeast, .atLeast]
    let prior = Prior.fitted(
      to: inputs, values, censoring: censoring,
      believing: HyperparameterPrior(dimensions: Self.line))
    let end = Inputs(rows: [1], dimensions: Self.line)
    let informed = try #require(prior.conditioned(on: inputs, values, censoring: censoring))
    let misled = try #require(prior.conditioned(on: inputs, values))
    #expect(informed.marginals(at: end).means[0] > misled.marginals(at: end).means[0] + 0.2)
  }
}
