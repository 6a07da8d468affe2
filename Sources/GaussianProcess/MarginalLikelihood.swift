import Glibc

/// How well hyperparameters explain observations.
///
///     log p(y | X, θ) = −½ yᵀ K⁻¹ y − ½ log |K| − (n/2) log 2π,   K = k(X, X) + ν² I
///     ∂/∂θ            = ½ tr((ααᵀ − K⁻¹) ∂K/∂θ),                  α = K⁻¹ y
///
/// Rasmussen and Williams, equations 5.8 and 5.9.
package enum MarginalLikelihood {
  package struct Evaluation {
    package let value: Double
    /// With respect to `Hyperparameters.vector`.
    package let gradient: [Double]
  }

  /// Nil when the covariance matrix can't be factored.
  package static func evaluate(
    _ hyperparameters: Hyperparameters, _ inputs: Inputs, _ values: [Double]
  ) -> Evaluation? {
    let n = inputs.count
    let kernel = Kernel(hyperparameters: hyperparameters, dimensions: inputs.dimensions)
    var covariance = kernel.lowerTriangle(inputs)
    for i in 0..<n { covariance[i * n + i] += hyperparameters.noiseVariance }
    guard let factor = Cholesky(lowerTriangle: covariance, count: n) else { return nil }
    let alpha = factor.solve(values)
    var value = -0.5 * factor.logDeterminant - 0.5 * Double(n) * log(2 * Double.pi)
    for i in 0..<n { value -= 0.5 * values[i] * alpha[i] }

    var weights = factor.inverse
    var noise = 0.0
    for j in 0..<n {
      for i in j..<n { weights[j * n + i] = alpha[i] * alpha[j] - weights[j * n + i] }
      noise += 0.5 * weights[j * n + j] * hyperparameters.noiseVariance
    }
    return Evaluation(value: value, gradient: kernel.gradient(inputs, weights: weights) + [noise])
  }
}
