import Glibc

/// What is believed when the hyperparameters aren't known for certain: an average over some that
/// explain the observations, by how well they do.
///
/// With few observations the likeliest hyperparameters alone are overconfident: they take one of
/// many explanations for the only one.
package struct PosteriorMixture: Sendable {
  package let posteriors: [Posterior]
  /// Of each posterior; their sum is 1.
  package let weights: [Double]

  /// - Parameter weights: positive, one for each of at least one posterior.
  package init(_ posteriors: [Posterior], weights: [Double]) {
    precondition(!posteriors.isEmpty && posteriors.count == weights.count)
    let sum = weights.reduce(0, +)
    self.posteriors = posteriors
    self.weights = weights.map { $0 / sum }
  }

  package init(_ posterior: Posterior) { self.init([posterior], weights: [1]) }

  /// Mean and variance of the mixture at each point: E m, and E v + Var m.
  package func marginals(at points: Inputs) -> Posterior.Marginals {
    guard posteriors.count > 1 else { return posteriors[0].marginals(at: points) }
    var means = [Double](repeating: 0, count: points.count)
    var squares = means
    for (posterior, weight) in zip(posteriors, weights) {
      let marginals = posterior.marginals(at: points)
      Self.add(marginals, weight, &means, &squares)
    }
    return Self.moments(means, squares)
  }

  /// Draws of the function at all points together, each from one of the posteriors in turn, as
  /// often as its weight says.
  ///
  /// - Returns: column-major, one column a draw; nil when a covariance can't be factored.
  package func draws(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    var result: [Double] = []
    result.reserveCapacity(points.count * count)
    var cumulated = 0.0
    var drawn = 0
    for (posterior, weight) in zip(posteriors, weights) {
      cumulated += weight
      let share = min(count, Int((cumulated * Double(count)).rounded())) - drawn
      guard share > 0 else { continue }
      guard let draws = posterior.draws(at: points, count: share, using: &generator) else {
        return nil
      }
      result += draws
      drawn += share
    }
    return result
  }

  /// How far each observation lies from what the others predict, in predicted standard deviations.
  package var leaveOneOutResiduals: [Double] {
    guard posteriors.count > 1 else { return posteriors[0].leaveOneOutResiduals }
    let values = posteriors[0].values
    var means = [Double](repeating: 0, count: values.count)
    var squares = means
    for (posterior, weight) in zip(posteriors, weights) {
      Self.add(posterior.leaveOneOut, weight, &means, &squares)
    }
    let predicted = Self.moments(means, squares)
    return values.indices.map {
      (values[$0] - predicted.means[$0]) / predicted.variances[$0].squareRoot()
    }
  }

  private static func add(
    _ marginals: Posterior.Marginals, _ weight: Double, _ means: inout [Double],
    _ squares: inout [Double]
  ) {
    for i in means.indices {
      let mean = marginals.means[i]
      means[i] += weight * mean
      squares[i] += weight * (marginals.variances[i] + mean * mean)
    }
  }

  private static func moments(_ means: [Double], _ squares: [Double]) -> Posterior.Marginals {
    Posterior.Marginals(
      means: means, variances: means.indices.map { max(squares[$0] - means[$0] * means[$0], 1e-12) }
    )
  }
}

extension Prior {
  /// Priors whose hyperparameters are draws from their law given observations, beside how often
  /// each was drawn.
  ///
  /// Sampling, importance, resampling (D. B. Rubin, *Bayesian Statistics* 3, 1988): candidates from
  /// a multivariate t-law with 5 degrees of freedom, as wide as Laplace's approximation at the top
  /// of the density says; weights by the density itself; and `count` of them by systematic
  /// resampling. Costs about `12 count` evaluations of the marginal likelihood.
  ///
  /// - Parameter fitted: the likeliest prior, as `fitted` gives it.
  package static func drawn(
    around fitted: Prior, given inputs: Inputs, _ values: [Double],
    noiseFactors: [Double]? = nil, believing prior: HyperparameterPrior, count: Int,
    using generator: inout some RandomNumberGenerator
  ) -> [(prior: Prior, weight: Double)] {
    let posterior = HyperparameterPosterior(
      inputs, values, noiseFactors: noiseFactors, prior: prior)
    let top = fitted.hyperparameters.vector
    guard top.count == prior.beliefs.count, count > 1, let law = LaplaceLaw(posterior, at: top)
    else { return [(fitted, 1)] }
    var candidates: [[Double]] = []
    var logWeights: [Double] = []
    for _ in 0..<(8 * count) {
      let (candidate, logDensity) = law.draw(using: &generator)
      guard let density = posterior.logDensity(candidate) else { continue }
      candidates.append(candidate)
      logWeights.append(density.value - logDensity)
    }
    guard let largest = logWeights.max() else { return [(fitted, 1)] }
    let weights = logWeights.map { exp($0 - largest) }
    let step = weights.reduce(0, +) / Double(count)
    var next = step * Double.random(in: 0..<1, using: &generator)
    var sum = 0.0
    var result: [(prior: Prior, weight: Double)] = []
    for (candidate, weight) in zip(candidates, weights) {
      sum += weight
      var times = 0.0
      while next < sum {
        times += 1
        next += step
      }
      guard times > 0 else { continue }
      let hyperparameters = prior.hyperparameters(candidate)
      result.append((Prior(hyperparameters: hyperparameters, dimensions: inputs.dimensions), times))
    }
    return result.isEmpty ? [(fitted, 1)] : result
  }
}

/// A multivariate t-law around the top of a density, by the curvature there.
private struct LaplaceLaw {
  private let center: [Double]
  /// The factor of the negative Hessian.
  private let factor: Cholesky
  private static let freedom = 5

  /// Nil where the density can't be had. The Hessian is made of differences of the gradient.
  init?(_ posterior: HyperparameterPosterior, at center: [Double]) {
    let count = center.count
    var hessian = [Double](repeating: 0, count: count * count)
    let step = 1e-3
    for k in 0..<count {
      var (up, down) = (center, center)
      up[k] += step
      down[k] -= step
      guard let above = posterior.logDensity(up), let below = posterior.logDensity(down) else {
        return nil
      }
      for i in 0..<count {
        let curvature = (below.gradient[i] - above.gradient[i]) / (2 * step)
        hessian[k * count + i] += 0.5 * curvature
        hessian[i * count + k] += 0.5 * curvature
      }
    }
    if let factor = Cholesky(lowerTriangle: hessian, count: count), factor.jitter == 0 {
      self.factor = factor
    } else {
      // No top after all: the prior's own widths.
      var widths = [Double](repeating: 0, count: count * count)
      for (k, belief) in posterior.prior.beliefs.enumerated() {
        widths[k * count + k] = 1 / (belief.deviation * belief.deviation)
      }
      guard let factor = Cholesky(lowerTriangle: widths, count: count) else { return nil }
      self.factor = factor
    }
    self.center = center
  }

  /// A draw, and the logarithm of its density up to a constant.
  func draw(using generator: inout some RandomNumberGenerator) -> ([Double], Double) {
    let count = center.count
    var direction = NormalDistribution.draws(count, using: &generator)
    let chiSquare = NormalDistribution.draws(Self.freedom, using: &generator)
      .reduce(0) { $0 + $1 * $1 }
    let stretch = (Double(Self.freedom) / max(chiSquare, 1e-12)).squareRoot()
    let square = direction.reduce(0) { $0 + $1 * $1 } * stretch * stretch
    factor.solveTransposed(&direction)
    let freedom = Double(Self.freedom)
    return (
      zip(center, direction).map { $0 + stretch * $1 },
      -0.5 * (freedom + Double(count)) * log1p(square / freedom)
    )
  }
}
