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
  package let values: [Double]
  private let factor: Cholesky
  /// α = (K + ν² I)⁻¹ y
  private let alpha: [Double]
  /// Of each observation.
  package let noiseVariances: [Double]

  init?(prior: Prior, inputs: Inputs, values: [Double], noiseFactors: [Double]?) {
    precondition(inputs.dimensions == prior.dimensions && values.count == inputs.count)
    let kernel = Kernel(hyperparameters: prior.hyperparameters, dimensions: prior.dimensions)
    let n = inputs.count
    var covariance = kernel.lowerTriangle(inputs)
    noiseVariances = (0..<n).map { prior.hyperparameters.noiseVariance * (noiseFactors?[$0] ?? 1) }
    for i in 0..<n { covariance[i * n + i] += noiseVariances[i] }
    guard values.allSatisfy(\.isFinite),
      let factor = Cholesky(lowerTriangle: covariance, count: n)
    else { return nil }
    self.hyperparameters = prior.hyperparameters
    self.kernel = kernel
    self.inputs = inputs
    self.values = values
    self.factor = factor
    self.alpha = factor.solve(values)
  }

  /// Points at once, so that their covariances with the observations stay in the cache.
  private var blockSize: Int { min(1_024, max(64, 65_536 / max(inputs.count, 1))) }

  /// The law of the function at each point by itself.
  package func marginals(at points: Inputs) -> Marginals {
    var nothing: [Double] = []
    return marginals(at: points, explaining: &nothing, nil)
  }

  /// The same; and takes off `functions`, `basis.width` numbers a point, what the observations explain
  /// of them.
  package func marginals(
    at points: Inputs, explaining functions: inout [Double], _ basis: ExplicitBasis?
  ) -> Marginals {
    var means: [Double] = []
    means.reserveCapacity(points.count)
    var variances = kernel.diagonal(points)
    let (here, there) = (kernel.points(inputs), kernel.points(points))
    for start in stride(from: 0, to: points.count, by: blockSize) {
      let rows = start..<min(start + blockSize, points.count)
      var cross = kernel.matrix(there, rows: rows, here)
      means += product(cross, rows: rows.count)
      basis?.explain(&functions, from: start, by: cross, rows: rows.count)
      factor.solveRows(&cross, rows: rows.count)
      variances.withUnsafeMutableBufferPointer { variances in
        cross.withUnsafeBufferPointer { cross in
          guard let variances = variances.baseAddress, let cross = cross.baseAddress else { return }
          for i in 0..<inputs.count {
            Loops.subtractSquares(
              variances + start, cross + i * rows.count, rows.count)
          }
        }
      }
    }
    // Rounding can leave a tiny negative number where the function is known.
    for i in variances.indices { variances[i] = max(variances[i], 1e-12) }
    return Marginals(means: means, variances: variances)
  }

  /// Draws of the function at all points together.
  ///
  /// - Returns: column-major, `points.count` × `count`: one column a draw. Nil when the covariance
  ///   can't be factored.
  package func draws(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    var nothing: [Double] = []
    return draws(at: points, count: count, using: &generator, explaining: &nothing, nil)
  }

  /// The same; and takes off `functions` what the observations explain of them.
  package func draws(
    at points: Inputs, count: Int, using generator: inout some RandomNumberGenerator,
    explaining functions: inout [Double], _ basis: ExplicitBasis?
  ) -> [Double]? {
    let m = points.count
    let (means, covariance) = joint(at: points, explaining: &functions, basis)
    guard let root = Cholesky(lowerTriangle: covariance, count: m) else { return nil }
    var draws = NormalDistribution.draws(m * count, using: &generator)
    root.multiplyLower(&draws, columns: count)
    for draw in 0..<count {
      for i in 0..<m { draws[draw * m + i] += means[i] }
    }
    return draws
  }

  /// Means, and covariances as a lower triangle, column-major, of the function at all points.
  package func joint(at points: Inputs) -> (means: [Double], covariance: [Double]) {
    var nothing: [Double] = []
    return joint(at: points, explaining: &nothing, nil)
  }

  /// The same; and takes off `functions` what the observations explain of them.
  package func joint(
    at points: Inputs, explaining functions: inout [Double], _ basis: ExplicitBasis?
  ) -> (means: [Double], covariance: [Double]) {
    let m = points.count
    var cross = kernel.matrix(points, inputs)
    let means = product(cross, rows: m)
    basis?.explain(&functions, from: 0, by: cross, rows: m)
    factor.solveRows(&cross, rows: m)
    var covariance = kernel.lowerTriangle(points)
    if inputs.count > 0, m > 0 {
      cblas_dsyrk(
        CblasColMajor, CblasLower, CblasNoTrans, Int32(m), Int32(inputs.count), -1, cross,
        Int32(m), 1, &covariance, Int32(m))
    }
    for i in 0..<m { covariance[i * m + i] += 1e-9 * (1 + hyperparameters.signalVariance) }
    return (means, covariance)
  }

  /// Functions that are added to the process, by their numbers at the observations, `width` each.
  package func basis(_ observed: [Double], width: Int) -> ExplicitBasis {
    precondition(observed.count == width * inputs.count)
    var weights = observed
    factor.divideRows(&weights, rows: width)
    return ExplicitBasis(width: width, weights: weights, count: inputs.count)
  }

  /// How far each observation lies from what the others predict, in predicted standard deviations
  /// (Rasmussen and Williams, equations 5.10 to 5.12).
  package var leaveOneOutResiduals: [Double] {
    let inverse = factor.inverse
    return alpha.indices.map { alpha[$0] / inverse[$0 * inputs.count + $0].squareRoot() }
  }

  /// The same of other values at the observations, by the process plus functions whose weights are
  /// standard normal and learned anew from the others each time. Nil when that can't be calculated.
  /// - Parameter functions: their numbers at the observations, a row each.
  package func leaveOneOutResiduals(
    of values: [Double], adding functions: [Double]
  ) -> [Double]? {
    let n = inputs.count
    precondition(values.count == n && (n == 0 || functions.count.isMultiple(of: n)))
    guard n > 0 else { return [] }
    var covariance = kernel.lowerTriangle(inputs)
    for i in 0..<n { covariance[i * n + i] += noiseVariances[i] }
    let width = functions.count / n
    if width > 0 {
      cblas_dsyrk(
        CblasColMajor, CblasLower, CblasTrans, Int32(n), Int32(width), 1, functions, Int32(width),
        1,
        &covariance, Int32(n))
    }
    guard let factor = Cholesky(lowerTriangle: covariance, count: n) else { return nil }
    let inverse = factor.inverse
    return factor.solve(values).enumerated().map { $1 / inverse[$0 * n + $0].squareRoot() }
  }

  /// What the others predict of each observation (equation 5.12 there).
  package var leaveOneOut: Marginals {
    let inverse = factor.inverse
    let variances = alpha.indices.map { 1 / inverse[$0 * inputs.count + $0] }
    return Marginals(
      means: alpha.indices.map { values[$0] - alpha[$0] * variances[$0] }, variances: variances)
  }

  /// cross · α
  private func product(_ cross: [Double], rows: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rows)
    guard inputs.count > 0, rows > 0 else { return result }
    cblas_dgemv(
      CblasColMajor, CblasNoTrans, Int32(rows), Int32(inputs.count), 1, cross, Int32(rows), alpha,
      1, 0, &result, 1)
    return result
  }
}
