import Glibc

/// A Gaussian process before data.
package struct Prior: Sendable {
  package let hyperparameters: Hyperparameters
  package let dimensions: [Inputs.Dimension]

  package init(hyperparameters: Hyperparameters, dimensions: [Inputs.Dimension]) {
    precondition(hyperparameters.logLengthScales.count == dimensions.count)
    self.hyperparameters = hyperparameters
    self.dimensions = dimensions
  }

  /// The prior whose hyperparameters are the likeliest given observations: the maximum of the
  /// marginal likelihood times the hyperparameters' own prior, climbed from several starts.
  ///
  /// - Parameters:
  ///   - values: standardized observations, one for each point of `inputs`, all finite.
  ///   - starts: further hyperparameters to climb from, such as those of an earlier fit.
  package static func fitted(
    to inputs: Inputs, _ values: [Double], believing prior: HyperparameterPrior,
    startingFrom starts: [Hyperparameters] = []
  ) -> Prior {
    precondition(values.count == inputs.count)
    let rough = Hyperparameters(
      vector: zip(prior.beliefs, prior.beliefs.indices).map { belief, index in
        index < inputs.dimensions.count ? belief.mean - belief.deviation : belief.mean
      })
    var best = (argument: prior.mode.vector, value: -Double.infinity)
    for start in [prior.mode, rough] + starts {
      let climbed = QuasiNewton().maximize(from: start.vector) { vector in
        posteriorDensity(vector, inputs, values, prior)
      }
      if climbed.value > best.value { best = climbed }
    }
    return Prior(
      hyperparameters: Hyperparameters(vector: best.argument), dimensions: inputs.dimensions)
  }

  /// The process after data. Nil only when values are not finite.
  ///
  /// - Parameter noiseFactors: how much noisier than ν² each observation is, 1 by default.
  package func conditioned(
    on inputs: Inputs, _ values: [Double], noiseFactors: [Double]? = nil
  ) -> Posterior? {
    Posterior(prior: self, inputs: inputs, values: values, noiseFactors: noiseFactors)
  }

  private static func posteriorDensity(
    _ vector: [Double], _ inputs: Inputs, _ values: [Double], _ prior: HyperparameterPrior
  ) -> (value: Double, gradient: [Double])? {
    guard vector.allSatisfy({ abs($0) < 40 }),
      let likelihood = MarginalLikelihood.evaluate(
        Hyperparameters(vector: vector), inputs, values)
    else { return nil }
    let density = prior.logDensity(at: vector)
    return (
      likelihood.value + density.value,
      zip(likelihood.gradient, density.gradient).map { $0 + $1 }
    )
  }
}
