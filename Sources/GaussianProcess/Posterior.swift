import COpenBLAS
import Glibc

/// A Gaussian process conditioned on observations (Rasmussen and Williams, algorithm 2.1).
package struct Posterior: Sendable {
  /// Means and variances of the function (without noise), one for each point asked about.
  package struct Marginals: Sendable {
    package var means: [Double]
    package var variances: [Double]

    package init(means: [Double], variances: [Double]) {
      self.means = means
      self.variances = variances
    }
  }

  package let hyperparameters: Hyperparameters
  private let kernel: Kernel
  private let inputs: Inputs
  private let factor: Cholesky
  /// α = (K + ν² I)⁻¹ y
  private let alpha: [Double]

  init?(prior: Prior, inputs: Inputs, values: [Double], noiseFactors: [Double]?) {
    precondition(inputs.dimensions == prior.dimensions && values.count == inputs.count)
    let kernel = Kernel(hyperparameters: prior.hyperparameters, dimensions: prior.dimensions)
    let n = inputs.count
    var covariance = kernel.lowerTriangle(inputs)
    for i in 0..<n {
      covariance[i * n + i] += prior.hyperparameters.noiseVariance * (noiseFactors?[i] ?? 1)
    }
    guard values.allSatisfy(\.isFinite),
      let factor = Cholesky(lowerTriangle: covariance, count: n)
    else { return nil }
    self.hyperparameters = prior.hyperparameters
    self.kernel = kernel
    self.inputs = inputs
    self.factor = factor
    self.alpha = factor.solve(values)
  }

  /// Points at once; blocks of this size keep the working set in cache.
  private static let blockSize = 256

  /// The law of the function at each point by itself.
  package func marginals(at points: Inputs) -> Marginals {
    var means: [Double] = []
    var variances: [Double] = []
    means.reserveCapacity(points.count)
    variances.reserveCapacity(points.count)
    for start in stride(from: 0, to: points.count, by: Self.blockSize) {
      let end = min(start + Self.blockSize, points.count)
      let block = points.selecting(Array(start..<end))
      var cross = kernel.matrix(inputs, block)
      means += product(cross, columns: block.count)
      factor.solveLower(&cross, columns: block.count)
      var diagonal = kernel.diagonal(block)
      for j in 0..<block.count {
        for i in 0..<inputs.count {
          let v = cross[j * inputs.count + i]
          diagonal[j] -= v * v
        }
        // Rounding can leave a tiny negative number where the function is known.
        diagonal[j] = max(diagonal[j], 1e-12)
      }
      variances += diagonal
    }
    return Marginals(means: means, variances: variances)
  }

  /// Draws of the function at all points together.
  ///
  /// - Returns: column-major, `points.count` × `count`: one column a draw. Nil when the covariance
  ///   can't be factored.
  package func draws(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    let m = points.count
    var cross = kernel.matrix(inputs, points)
    let means = product(cross, columns: m)
    factor.solveLower(&cross, columns: m)
    var covariance = kernel.lowerTriangle(points)
    if inputs.count > 0 {
      cblas_dsyrk(
        CblasColMajor, CblasLower, CblasTrans, Int32(m), Int32(inputs.count), -1, cross,
        Int32(inputs.count), 1, &covariance, Int32(m))
    }
    for i in 0..<m { covariance[i * m + i] += 1e-9 * (1 + hyperparameters.signalVariance) }
    guard let root = Cholesky(lowerTriangle: covariance, count: m) else { return nil }
    var draws = NormalDistribution.draws(m * count, using: &generator)
    root.multiplyLower(&draws, columns: count)
    for draw in 0..<count {
      for i in 0..<m { draws[draw * m + i] += means[i] }
    }
    return draws
  }

  /// How far each observation lies from what the others predict, in predicted standard deviations
  /// (Rasmussen and Williams, equations 5.10 to 5.12).
  package var leaveOneOutResiduals: [Double] {
    let inverse = factor.inverse
    return alpha.indices.map { alpha[$0] / inverse[$0 * inputs.count + $0].squareRoot() }
  }

  /// crossᵀ α
  private func product(_ cross: [Double], columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    guard inputs.count > 0, columns > 0 else { return result }
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(inputs.count), Int32(columns), 1, cross,
      Int32(inputs.count), alpha, 1, 0, &result, 1)
    return result
  }
}
