import Glibc

extension Prior {
  /// The prior whose hyperparameters are the likeliest given observations: the maximum of the
  /// marginal likelihood times the hyperparameters' own prior, climbed from several starts.
  ///
  /// - Parameters:
  ///   - values: standardized observations, one for each point of `inputs`, all finite.
  ///   - noiseFactors: how much noisier than ν² each observation is, 1 by default.
  ///   - starts: further hyperparameters to climb from, such as those of an earlier fit.
  package static func fitted(
    to inputs: Inputs, _ values: [Double], noiseFactors: [Double]? = nil,
    believing prior: HyperparameterPrior, startingFrom starts: [Hyperparameters] = []
  ) -> Prior {
    precondition(values.count == inputs.count)
    let posterior = HyperparameterPosterior(
      inputs, values, noiseFactors: noiseFactors, prior: prior)
    let top: [Double]
    if inputs.count > Self.fewObservations {
      // A part of the observations finds the hill, and all of them its top.
      let step = (inputs.count + Self.fewObservations - 1) / Self.fewObservations
      let part = Array(stride(from: 0, to: inputs.count, by: step))
      let rough = HyperparameterPosterior(
        inputs.selecting(part), part.map { values[$0] },
        noiseFactors: noiseFactors.map { factors in part.map { factors[$0] } }, prior: prior)
      top = posterior.top(
        startingFrom: [rough.top(startingFrom: rough.usualStarts)] + starts.map(\.vector))
    } else {
      top = posterior.top(startingFrom: posterior.usualStarts + starts.map(\.vector))
    }
    return Prior(
      hyperparameters: prior.hyperparameters(top), dimensions: inputs.dimensions)
  }

  /// With no more, a fit from several starts takes a millisecond or two.
  private static let fewObservations = 40
}

/// The density of the hyperparameters given observations: marginal likelihood times prior.
package final class HyperparameterPosterior {
  private var likelihood: MarginalLikelihood
  let prior: HyperparameterPrior
  private let dimensionCount: Int
  private let observationCount: Int
  package private(set) var evaluations = 0

  package init(
    _ inputs: Inputs, _ values: [Double], noiseFactors: [Double]?, prior: HyperparameterPrior
  ) {
    likelihood = MarginalLikelihood(inputs, values, noiseFactors: noiseFactors)
    self.prior = prior
    dimensionCount = inputs.dimensions.count
    observationCount = inputs.count
  }

  /// The logarithm of the density up to a constant, and its gradient; nil where it can't be had.
  package func logDensity(_ vector: [Double]) -> (value: Double, gradient: [Double])? {
    guard vector.allSatisfy({ abs($0) < 40 }) else { return nil }
    evaluations += 1
    guard let evaluation = likelihood.evaluate(prior.hyperparameters(vector)) else { return nil }
    let density = prior.logDensity(at: vector)
    let value = evaluation.value + density.value
    guard value.isFinite else { return nil }
    return (value, zip(evaluation.gradient, density.gradient).map { $0 + $1 })
  }

  /// Two hills are common: a smooth function with noise, and a rough one with little. So one climb
  /// starts at the prior's mode and one where it is rougher.
  package var usualStarts: [[Double]] {
    let rough = zip(prior.beliefs, prior.beliefs.indices).map { belief, index in
      index < dimensionCount ? belief.mean - belief.deviation : belief.mean
    }
    return [prior.beliefs.map(\.mean), rough]
  }

  /// The likeliest vector that climbs from the starts find.
  package func top(startingFrom starts: [[Double]]) -> [Double] {
    let mode = prior.beliefs.map(\.mean)
    var best = (argument: mode, value: -Double.infinity)
    let scales = prior.beliefs.map { belief in
      // The prior's width, narrowed by what as many observations may say at most.
      1 / (1 / (belief.deviation * belief.deviation) + 0.1 * Double(observationCount)).squareRoot()
    }
    for start in starts where start.count == mode.count {
      let climbed = QuasiNewton(gainMin: 1e-5).maximize(from: start, scales: scales, logDensity)
      if climbed.value > best.value { best = climbed }
    }
    return best.argument
  }
}
