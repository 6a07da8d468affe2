import CLAPACK
import COpenBLAS
import Glibc

/// How well hyperparameters explain observations.
///
///     log p(y | X, θ) = −½ yᵀ K⁻¹ y − ½ log |K| − (n/2) log 2π,   K = k(X, X) + ν² diag(f)
///     ∂/∂θ            = ½ tr(W ∂K/∂θ),   W = ααᵀ − K⁻¹,           α = K⁻¹ y
///
/// Rasmussen and Williams, equations 5.8 and 5.9; f are the noise factors. Beside a factorization
/// and an inverse, an evaluation takes one pass over the triangle of K and two products of it with
/// a few columns: by the chain rule on s² = 5r², with Sᵢⱼ = Wᵢⱼ · −dk/d(s²),
///
///     ∂/∂ log ℓₖ = Σᵢⱼ Sᵢⱼ (zᵢₖ − zⱼₖ)² = 2 Σᵢ zᵢₖ² (S1)ᵢ − 2 zₖᵀ S zₖ,   zₖ = √5 xₖ / ℓₖ
///     ∂/∂ log σ² = ½ tr(W K) − the parts of trend and noise,   tr(W K) = αᵀ y − n
///
/// A value with its buffers, since a fit evaluates it some dozens of times.
package struct MarginalLikelihood {
  package struct Evaluation {
    package let value: Double
    /// With respect to `Hyperparameters.vector`.
    package let gradient: [Double]
  }

  private let inputs: Inputs
  private let values: [Double]
  private let noiseFactors: [Double]?
  /// K, then its factor, then its inverse; lower triangle.
  private var matrix: [Double]
  /// −dk/d(s²), then S; lower triangle.
  private var slopes: [Double]
  private let columns: LikelihoodColumns

  /// - Parameters:
  ///   - values: one for each point of `inputs`.
  ///   - noiseFactors: how much noisier than ν² each observation is, 1 by default.
  package init(_ inputs: Inputs, _ values: [Double], noiseFactors: [Double]? = nil) {
    precondition(values.count == inputs.count)
    precondition(noiseFactors.map { $0.count == inputs.count } ?? true)
    self.inputs = inputs
    self.values = values
    self.noiseFactors = noiseFactors
    matrix = [Double](repeating: 0, count: inputs.count * inputs.count)
    slopes = matrix
    columns = LikelihoodColumns(inputs)
  }

  /// Nil when the covariance matrix can't be factored.
  package static func evaluate(
    _ hyperparameters: Hyperparameters, _ inputs: Inputs, _ values: [Double],
    noiseFactors: [Double]? = nil
  ) -> Evaluation? {
    var likelihood = MarginalLikelihood(inputs, values, noiseFactors: noiseFactors)
    return likelihood.evaluate(hyperparameters)
  }

  /// Nil when the covariance matrix can't be factored.
  package mutating func evaluate(_ hyperparameters: Hyperparameters) -> Evaluation? {
    let n = inputs.count
    guard n > 0 else {
      return Evaluation(
        value: 0, gradient: [Double](repeating: 0, count: hyperparameters.vector.count))
    }
    let points = KernelPoints(inputs, hyperparameters)
    guard let jitter = factor(points, hyperparameters) else { return nil }
    var alpha = values
    LAPACKE_dpotrs_work(
      LAPACK_COL_MAJOR, Self.lower, Int32(n), 1, matrix, Int32(n), &alpha, Int32(n))
    let fit = cblas_ddot(Int32(n), values, 1, alpha, 1)
    var logDeterminant = 0.0
    for i in 0..<n { logDeterminant += 2 * log(matrix[i * n + i]) }
    let value = -0.5 * fit - 0.5 * logDeterminant - 0.5 * Double(n) * log(2 * Double.pi)
    LAPACKE_dpotri_work(LAPACK_COL_MAJOR, Self.lower, Int32(n), &matrix, Int32(n))

    var noise = 0.0
    var jittered = 0.0
    for i in 0..<n {
      let weight = alpha[i] * alpha[i] - matrix[i * n + i]
      noise += 0.5 * weight * hyperparameters.noiseVariance * (noiseFactors?[i] ?? 1)
      jittered += 0.5 * weight * jitter
    }
    let trend = trendParts(points, alpha)
    let signal = 0.5 * (fit - Double(n)) - noise - jittered - trend.bias - trend.slopes
    weighSlopes(alpha)
    let scales = columns.scaleGradient(points, hyperparameters, slopes: slopes)
    return Evaluation(
      value: value,
      gradient: scales.lengthScales + [signal, trend.slopes, noise] + scales.categories)
  }

  private static let lower = CChar(UInt8(ascii: "L"))

  /// Fills and factors K; the jitter that it took, or nil when none was enough.
  private mutating func factor(_ points: KernelPoints, _ hyperparameters: Hyperparameters)
    -> Double?
  {
    Cholesky.useOneThread()
    let n = inputs.count
    var jitter = 0.0
    while true {
      fill(points, hyperparameters, jitter: jitter)
      let scale = (0..<n).reduce(0) { $0 + matrix[$1 * n + $1] } / Double(n)
      guard scale.isFinite, scale > 0 else { return nil }
      let status = LAPACKE_dpotrf_work(
        LAPACK_COL_MAJOR, Self.lower, Int32(n), &matrix, Int32(n))
      if status == 0 { return jitter }
      guard let more = Cholesky.nextJitter(after: jitter, scale: scale) else { return nil }
      jitter = more
    }
  }

  private mutating func fill(
    _ points: KernelPoints, _ hyperparameters: Hyperparameters, jitter: Double
  ) {
    let n = inputs.count
    let signal = hyperparameters.signalVariance
    let noise = hyperparameters.noiseVariance
    matrix.withUnsafeMutableBufferPointer { matrix in
      slopes.withUnsafeMutableBufferPointer { slopes in
        guard let matrix = matrix.baseAddress, let slopes = slopes.baseAddress else { return }
        for j in 0..<n {
          let diagonal = j * n + j
          points.fillSquares(matrix + diagonal, rows: j..<n, with: j, of: points)
          Loops.maternWithSlope(matrix + diagonal, slopes + diagonal, signal, n - j)
          matrix[diagonal] += noise * (noiseFactors?[j] ?? 1) + jitter
        }
        Kernel.addTrend(points, to: matrix)
      }
    }
  }

  private mutating func weighSlopes(_ alpha: [Double]) {
    let n = inputs.count
    slopes.withUnsafeMutableBufferPointer { slopes in
      matrix.withUnsafeBufferPointer { inverse in
        alpha.withUnsafeBufferPointer { alpha in
          guard let slopes = slopes.baseAddress, let inverse = inverse.baseAddress,
            let alpha = alpha.baseAddress
          else { return }
          for j in 0..<n {
            Loops.weigh(
              slopes + j * n + j, inverse + j * n + j, alpha + j, alpha[j], n - j)
          }
        }
      }
    }
  }

  /// ½ tr(W β²11ᵀ), and ½ tr(W τ² Σ zzᵀ), which is also the derivative by log τ².
  private func trendParts(_ points: KernelPoints, _ alpha: [Double]) -> (
    bias: Double, slopes: Double
  ) {
    let n = Int32(inputs.count)
    var products = [Double](repeating: 0, count: points.trend.count)
    cblas_dsymm(
      CblasColMajor, CblasLeft, CblasLower, n, Int32(points.trendCount), 1, matrix, n,
      points.trend, n, 0, &products, n)
    var parts: [Double] = []
    points.trend.withUnsafeBufferPointer { trend in
      products.withUnsafeBufferPointer { products in
        for column in 0..<points.trendCount {
          guard let feature = trend.baseAddress, let product = products.baseAddress else { return }
          let offset = column * inputs.count
          let along = cblas_ddot(n, feature + offset, 1, alpha, 1)
          let across = cblas_ddot(n, feature + offset, 1, product + offset, 1)
          parts.append(0.5 * (along * along - across))
        }
      }
    }
    return (parts[0], parts.dropFirst().reduce(0, +))
  }
}
