import COpenBLAS

/// Functions h that are added to a process with weights of their own, such as the gradient of a
/// trend by its parameters. Of their uncertainty counts only what the observations leave open:
///
///     h(x) − H K⁻¹ k(x),   H the functions at the observations
///
/// (Rasmussen and Williams, section 2.7, equation 2.42: the matrix R there.) At a point that was
/// observed well that is next to nothing, however uncertain the trend is.
package struct ExplicitBasis: Sendable {
  package let width: Int
  /// H K⁻¹, column-major, one column an observation.
  let weights: [Double]
  let count: Int

  /// Takes off some points' functions, from point `start` on, what the observations explain.
  /// - Parameter cross: the covariances of those points with the observations, column-major.
  func explain(
    _ functions: inout [Double], from start: Int, by cross: [Double], rows: Int
  ) {
    guard width > 0, rows > 0, count > 0 else { return }
    functions.withUnsafeMutableBufferPointer { functions in
      guard let first = functions.baseAddress else { return }
      cblas_dgemm(
        CblasColMajor, CblasNoTrans, CblasTrans, Int32(width), Int32(rows), Int32(count), -1,
        weights, Int32(width), cross, Int32(rows), 1, first + start * width, Int32(width))
    }
  }
}
