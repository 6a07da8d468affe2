import COpenBLAS
import Glibc

/// The columns by which S is multiplied for the gradient by length scales: 1, every ordinal
/// coordinate, and for every category which points belong to it.
struct LikelihoodColumns {
  private let inputs: Inputs
  private let columns: [Double]
  private let count: Int

  init(_ inputs: Inputs) {
    let n = inputs.count
    var columns = [Double](repeating: 1, count: n)
    for (k, dimension) in inputs.dimensions.enumerated() {
      let values = inputs.values[(k * n)..<((k + 1) * n)]
      switch dimension {
      case .ordinal:
        // About the middle, so that less cancels.
        columns.append(contentsOf: values.lazy.map { $0 - 0.5 })
      case .categorical:
        for category in 0..<inputs.categoryCounts[k] {
          columns.append(contentsOf: values.lazy.map { Int($0) == category ? 1 : 0 })
        }
      }
    }
    self.inputs = inputs
    self.columns = columns
    count = n == 0 ? 0 : columns.count / n
  }

  /// The derivatives by log ℓₖ, and by the logarithms of the categories' own scales in the order
  /// of `Hyperparameters.vector`.
  ///
  /// - Parameter slopes: S, lower triangle.
  func scaleGradient(
    _ points: KernelPoints, _ hyperparameters: Hyperparameters, slopes: [Double]
  ) -> (lengthScales: [Double], categories: [Double]) {
    let n = inputs.count
    var products = [Double](repeating: 0, count: columns.count)
    cblas_dsymm(
      CblasColMajor, CblasLeft, CblasLower, Int32(n), Int32(count), 1, slopes, Int32(n), columns,
      Int32(n), 0, &products, Int32(n))
    var lengthScales: [Double] = []
    var categories: [Double] = []
    var next = 1
    for (k, dimension) in inputs.dimensions.enumerated() {
      switch dimension {
      case .ordinal:
        var sum = 0.0
        for i in 0..<n {
          let x = columns[next * n + i]
          sum += x * (x * products[i] - products[next * n + i])
        }
        next += 1
        lengthScales.append(10 * exp(-2 * hyperparameters.logLengthScales[k]) * sum)
      case .categorical:
        var whole = 0.0
        for category in 0..<inputs.categoryCounts[k] {
          var sum = 0.0
          for i in 0..<n where columns[next * n + i] == 1 {
            sum += products[i] - products[next * n + i]
          }
          next += 1
          let scale = hyperparameters.logLengthScale(of: category, dimension: k)
          let derivative = 5 * exp(-2 * scale) * sum
          whole += derivative
          if category < hyperparameters.categoryOffsets[k].count { categories.append(derivative) }
        }
        // Of categories that no observation has, the observations say nothing.
        let unseen = hyperparameters.categoryOffsets[k].count - inputs.categoryCounts[k]
        categories.append(contentsOf: [Double](repeating: 0, count: max(0, unseen)))
        lengthScales.append(whole)
      }
    }
    return (lengthScales, categories)
  }
}
