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

  /// The process after data. Nil only when values are not finite.
  ///
  /// - Parameter noiseFactors: how much noisier than ν² each observation is, 1 by default.
  package func conditioned(
    on inputs: Inputs, _ values: [Double], noiseFactors: [Double]? = nil
  ) -> Posterior? {
    Posterior(prior: self, inputs: inputs, values: values, noiseFactors: noiseFactors)
  }
}
