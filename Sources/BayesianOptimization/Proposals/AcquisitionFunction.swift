import GaussianProcess
import Glibc

/// The worth of trying a point, as a logarithm, so that it still tells points apart where the
/// worth itself would round to nothing.
package enum AcquisitionFunction {
  /// log E[max(f − best, 0)] for f ~ N(mean, variance), the logarithm of expected improvement:
  /// log σ + log h(z), h(z) = φ(z) + z Φ(z), z = (mean − best)/σ.
  ///
  /// S. Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization",
  /// NeurIPS 2023, equations 8 and 9.
  package static func logExpectedImprovement(
    mean: Double, variance: Double, over best: Double
  ) -> Double {
    guard mean > -.infinity else { return -.infinity }
    let deviation = max(variance, 1e-300).squareRoot()
    return log(deviation) + logImprovement((mean - best) / deviation)
  }

  /// log h(z). Below −1 the two terms of h nearly cancel, so h is written as φ(z)(1 + z R(z)) with
  /// R = Φ/φ, and below −10⁴, where that cancels too, by its limit φ(z)/z².
  package static func logImprovement(_ z: Double) -> Double {
    if z > -1 {
      return log(NormalDistribution.density(z) + z * NormalDistribution.probability(below: z))
    }
    let logDensity = -0.5 * z * z - 0.5 * log(2 * Double.pi)
    if z < -1e4 { return logDensity - 2 * log(-z) }
    if z < -20 {
      // 1 + z R(z) = w − 3w² + 15w³ − …, w = 1/z²: the asymptotic series of Mills' ratio.
      let w = 1 / (z * z)
      return logDensity + log(w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w))))
    }
    let ratio = exp(NormalDistribution.logProbability(below: z) - logDensity)
    return logDensity + log1p(z * ratio)
  }
}
