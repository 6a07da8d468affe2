import CLAPACK
import COpenBLAS
import Glibc

/// The Cholesky factor L of a symmetric positive definite matrix A = LLᵀ, column-major.
package struct Cholesky: Sendable {
  package let count: Int
  let lower: [Double]
  /// What had to be added to the diagonal for the factorization to succeed, 0 as a rule.
  package let jitter: Double

  /// One thread: for the sizes of a study a second one costs more than it brings.
  private static let singleThread: Void = openblas_set_num_threads(1)

  /// Factors `matrix` (its lower triangle), with growing jitter on the diagonal where rounding
  /// made it indefinite. Nil when even a thousandth of the mean diagonal doesn't help, or when the
  /// matrix holds a number that isn't finite.
  package init?(lowerTriangle matrix: [Double], count: Int) {
    Self.useOneThread()
    let scale = (0..<count).reduce(0) { $0 + matrix[$1 * count + $1] } / Double(max(count, 1))
    guard scale.isFinite else { return nil }
    var jitter = 0.0
    while true {
      var factor = matrix
      for i in 0..<count { factor[i * count + i] += jitter }
      let status = LAPACKE_dpotrf_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), Int32(count), &factor, Int32(max(count, 1)))
      if status == 0 {
        guard (0..<count).allSatisfy({ factor[$0 * count + $0].isFinite }) else { return nil }
        self.count = count
        self.lower = factor
        self.jitter = jitter
        return
      }
      guard status > 0, let more = Self.nextJitter(after: jitter, scale: scale) else { return nil }
      jitter = more
    }
  }

  static func useOneThread() { _ = singleThread }

  /// What to add to a diagonal of mean `scale` next, ten times as much each time; nil when even a
  /// thousandth of it didn't help.
  static func nextJitter(after jitter: Double, scale: Double) -> Double? {
    let next = max(jitter * 10, 1e-12 * scale)
    return scale > 0 && next <= 1e-3 * scale ? next : nil
  }

  /// log |A|.
  var logDeterminant: Double {
    (0..<count).reduce(0) { $0 + 2 * log(lower[$1 * count + $1]) }
  }

  /// A⁻¹ b.
  func solve(_ b: [Double]) -> [Double] {
    var x = b
    LAPACKE_dpotrs_work(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), Int32(count), 1, lower, Int32(max(count, 1)), &x,
      Int32(max(count, 1)))
    return x
  }

  /// A⁻¹, lower triangle.
  package var inverse: [Double] {
    var inverse = lower
    LAPACKE_dpotri_work(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), Int32(count), &inverse, Int32(max(count, 1)))
    return inverse
  }

  /// L⁻¹ B in place, B column-major with `columns` columns.
  func solveColumns(_ matrix: inout [Double], columns: Int) {
    guard count > 0, columns > 0 else { return }
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(count),
      Int32(columns), 1, lower, Int32(count), &matrix, Int32(count))
  }

  /// B L⁻ᵀ in place, B column-major with `rows` rows: each row is solved for by itself.
  func solveRows(_ matrix: inout [Double], rows: Int) {
    guard count > 0, rows > 0 else { return }
    cblas_dtrsm(
      CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, Int32(rows), Int32(count),
      1, lower, Int32(count), &matrix, Int32(rows))
  }

  /// B A⁻¹ in place, B column-major with `rows` rows.
  func divideRows(_ matrix: inout [Double], rows: Int) {
    guard count > 0, rows > 0 else { return }
    solveRows(&matrix, rows: rows)
    cblas_dtrsm(
      CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, Int32(rows), Int32(count),
      1, lower, Int32(count), &matrix, Int32(rows))
  }

  /// L⁻ᵀ B in place, B column-major with `columns` columns: gives independent normal draws the
  /// covariance A⁻¹.
  func solveTransposed(_ matrix: inout [Double], columns: Int) {
    guard count > 0, columns > 0 else { return }
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, Int32(count), Int32(columns),
      1, lower, Int32(count), &matrix, Int32(count))
  }

  /// L Z in place, Z column-major with `columns` columns: correlates independent normal draws.
  func multiplyLower(_ matrix: inout [Double], columns: Int) {
    guard count > 0, columns > 0 else { return }
    cblas_dtrmm(
      CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(count),
      Int32(columns), 1, lower, Int32(count), &matrix, Int32(count))
  }
}
