import COpenBLAS
import Glibc

/// The covariance of the surrogate's values at two points:
///
///     k(x, x′) = β² + τ² Σₖ zₖ z′ₖ + σ² M(r),   z = 2x − 1 over ordinal dimensions
///     M(r) = (1 + √5 r + 5r²/3) exp(−√5 r),     r² = Σₖ (δₖ / ℓₖ)²
///
/// with δₖ the difference of ordinal coordinates. Between two categories a and b of one dimension,
/// (δₖ/ℓₖ)² is 0 where they are the same, else (1/ℓₐ² + 1/ℓ_b²)/2: each category has a length scale
/// of its own, so that one may differ much from the rest and the others little among themselves.
/// That is the squared distance of points on the axes of a space with one axis a category, so k
/// stays positive definite.
///
/// M is the Matérn function of smoothness 5/2 (C. E. Rasmussen, C. K. I. Williams, *Gaussian
/// Processes for Machine Learning*, 2006, equation 4.17); the linear part is the prior of a trend
/// with independent normal slopes (section 2.7 there), which on logarithmic coordinates is a power
/// law.
struct Kernel: Sendable {
  let hyperparameters: Hyperparameters
  let dimensions: [Inputs.Dimension]

  /// β²: the variance of the mean, wide enough to be learned from standardized observations.
  static let biasVariance = 1.0

  func points(_ inputs: Inputs) -> KernelPoints { KernelPoints(inputs, hyperparameters) }

  /// The covariance matrix of `left` with `right`, column-major, `left.count` × `right.count`.
  func matrix(_ left: Inputs, _ right: Inputs) -> [Double] {
    matrix(points(left), rows: 0..<left.count, points(right))
  }

  /// The covariance matrix of some of the points `left` with `right`, column-major.
  func matrix(_ left: KernelPoints, rows: Range<Int>, _ right: KernelPoints) -> [Double] {
    let m = rows.count
    return [Double](unsafeUninitializedCapacity: m * right.count) { buffer, count in
      count = m * right.count
      guard let start = buffer.baseAddress, count > 0 else { return }
      for j in 0..<right.count {
        left.fillSquares(start + j * m, rows: rows, with: j, of: right)
        Loops.matern(start + j * m, hyperparameters.signalVariance, m)
      }
      left.trend.withUnsafeBufferPointer { trend in
        cblas_dgemm(
          CblasColMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(right.count),
          Int32(left.trendCount), 1, trend.baseAddress.unsafelyUnwrapped + rows.lowerBound,
          Int32(left.count), right.trend, Int32(right.count), 1, start, Int32(m))
      }
    }
  }

  /// The covariance matrix of `inputs` with themselves, column-major; only the lower triangle is
  /// meaningful, as LAPACK's `L` routines expect.
  func lowerTriangle(_ inputs: Inputs) -> [Double] {
    let n = inputs.count
    let points = points(inputs)
    return [Double](unsafeUninitializedCapacity: n * n) { buffer, count in
      count = n * n
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, n > 0 else { return }
      for j in 0..<n {
        let column = start + j * n + j
        points.fillSquares(column, rows: j..<n, with: j, of: points)
        Loops.matern(column, hyperparameters.signalVariance, n - j)
      }
      Self.addTrend(points, to: start)
    }
  }

  /// Adds β² + τ² Σ z z′ to a lower triangle.
  static func addTrend(_ points: KernelPoints, to matrix: UnsafeMutablePointer<Double>) {
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasNoTrans, Int32(points.count), Int32(points.trendCount), 1,
      points.trend, Int32(points.count), 1, matrix, Int32(points.count))
  }

  /// The prior variance at each point.
  func diagonal(_ inputs: Inputs) -> [Double] {
    var result = [Double](
      repeating: Self.biasVariance + hyperparameters.signalVariance, count: inputs.count)
    let trend = hyperparameters.trendVariance
    for k in dimensions.indices where dimensions[k] == .ordinal {
      for i in 0..<inputs.count {
        let z = 2 * inputs.values[k * inputs.count + i] - 1
        result[i] += trend * z * z
      }
    }
    return result
  }
}
