import COpenBLAS
import Glibc

/// The probability that a point belongs to a class, learned from points of known class: a Gaussian
/// process through the probit link, by Laplace's approximation (Rasmussen and Williams, sections
/// 3.4.1 to 3.4.2, algorithms 3.1 and 3.2).
package struct LaplaceClassifier: Sendable {
  private let kernel: Kernel
  private let inputs: Inputs
  /// What the latent function is before data; Φ(mean / √(1 + variance)) is the prior probability.
  private let mean: Double
  /// ∇ log p(y | f̂)
  private let slopes: [Double]
  /// √W, with W = −∇∇ log p(y | f̂)
  private let rootWeights: [Double]
  /// The factor of B = I + √W K √W
  private let factor: Cholesky
  /// f̂ at the points of known class.
  private let latent: [Double]
  private let labels: [Bool]

  /// - Parameters:
  ///   - labels: true where the point belongs to the class.
  ///   - priorMean: of the latent function; positive where membership is expected.
  /// - Returns: nil when the approximation doesn't converge to finite numbers.
  package init?(
    hyperparameters: Hyperparameters, inputs: Inputs, labels: [Bool], priorMean: Double
  ) {
    precondition(labels.count == inputs.count)
    let n = inputs.count
    let kernel = Kernel(hyperparameters: hyperparameters, dimensions: inputs.dimensions)
    let signs = labels.map { $0 ? 1.0 : -1.0 }
    let covariance = kernel.lowerTriangle(inputs)
    var latent = [Double](repeating: 0, count: n)
    var state = Self.derivatives(latent, priorMean, signs)
    guard var factor = Self.factor(covariance, state.rootWeights) else { return nil }
    for _ in 0..<60 {
      // Newton's step: f = K (b − √W B⁻¹ √W K b), b = W f + ∇ log p.
      let b = (0..<n).map {
        state.rootWeights[$0] * state.rootWeights[$0] * latent[$0] + state.slopes[$0]
      }
      let kb = Self.multiply(covariance, b)
      let solved = factor.solve((0..<n).map { state.rootWeights[$0] * kb[$0] })
      let a = (0..<n).map { b[$0] - state.rootWeights[$0] * solved[$0] }
      let next = Self.multiply(covariance, a)
      let change = zip(next, latent).reduce(0) { max($0, abs($1.0 - $1.1)) }
      latent = next
      state = Self.derivatives(latent, priorMean, signs)
      guard latent.allSatisfy(\.isFinite),
        let refactored = Self.factor(covariance, state.rootWeights)
      else { return nil }
      factor = refactored
      if change < 1e-8 { break }
    }
    self.kernel = kernel
    self.inputs = inputs
    self.mean = priorMean
    self.latent = latent
    self.labels = labels
    self.slopes = state.slopes
    self.rootWeights = state.rootWeights
    self.factor = factor
  }

  /// The probability of membership at each point, averaged over the latent function's law
  /// (equations 3.24 to 3.26 and 3.80 to 3.82 there).
  package func probabilities(at points: Inputs) -> [Double] {
    guard points.count > 0 else { return [] }
    var cross = kernel.matrix(points, inputs)
    var latent = [Double](repeating: mean, count: points.count)
    cblas_dgemv(
      CblasColMajor, CblasNoTrans, Int32(points.count), Int32(inputs.count), 1, cross,
      Int32(points.count), slopes, 1, 1, &latent, 1)
    return zip(latent, variances(at: points, &cross)).map(Self.probability)
  }

  private static func probability(_ latent: Double, _ variance: Double) -> Double {
    NormalDistribution.probability(below: latent / (1 + max(variance, 0)).squareRoot())
  }

  /// log P(the class of each known point) by all others. The factor of a point is a normal one of
  /// precision W; without it 1/v = 1/σ² − W, and the mean is f̂ − v ∇log p.
  package var logLeaveOneOut: [Double] {
    var cross = kernel.matrix(inputs, inputs)
    return variances(at: inputs, &cross).enumerated().map { i, variance in
      let weight = rootWeights[i] * rootWeights[i]
      let rest = 1 / max(1 / max(variance, 1e-12) - weight, 1e-12)
      let p = Self.probability(mean + latent[i] - rest * slopes[i], rest)
      return log(max(labels[i] ? p : 1 - p, 1e-300))
    }
  }

  /// Of the latent function.
  /// - Parameter cross: the covariances of the points with those of known class; used up.
  private func variances(at points: Inputs, _ cross: inout [Double]) -> [Double] {
    let m = points.count
    var variances = kernel.diagonal(points)
    cross.withUnsafeMutableBufferPointer { cross in
      guard let start = cross.baseAddress else { return }
      for i in 0..<inputs.count { cblas_dscal(Int32(m), rootWeights[i], start + i * m, 1) }
    }
    factor.solveRows(&cross, rows: m)
    variances.withUnsafeMutableBufferPointer { variances in
      cross.withUnsafeBufferPointer { cross in
        guard let variances = variances.baseAddress, let cross = cross.baseAddress else { return }
        for i in 0..<inputs.count { Loops.subtractSquares(variances, cross + i * m, m) }
      }
    }
    return variances
  }

  /// First derivative and root of the negative second derivative of log Φ(y (f + m)).
  private static func derivatives(
    _ latent: [Double], _ mean: Double, _ signs: [Double]
  ) -> (slopes: [Double], rootWeights: [Double]) {
    var slopes: [Double] = []
    var roots: [Double] = []
    for (f, sign) in zip(latent, signs) {
      let z = sign * (f + mean)
      let logDensity = -0.5 * z * z - 0.5 * log(2 * Double.pi)
      let ratio = exp(logDensity - NormalDistribution.logProbability(below: z))
      slopes.append(sign * ratio)
      roots.append(max(ratio * (ratio + z), 1e-12).squareRoot())
    }
    return (slopes, roots)
  }

  private static func factor(_ covariance: [Double], _ roots: [Double]) -> Cholesky? {
    let n = roots.count
    var b = covariance
    for j in 0..<n {
      for i in j..<n { b[j * n + i] *= roots[i] * roots[j] }
      b[j * n + j] += 1
    }
    return Cholesky(lowerTriangle: b, count: n)
  }

  /// The product of a symmetric matrix, given by its lower triangle.
  private static func multiply(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let n = Int32(vector.count)
    var result = [Double](repeating: 0, count: vector.count)
    guard n > 0 else { return result }
    cblas_dsymv(CblasColMajor, CblasLower, n, 1, matrix, n, vector, 1, 0, &result, 1)
    return result
  }
}
