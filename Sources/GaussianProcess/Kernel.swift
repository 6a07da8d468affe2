import Glibc

/// The covariance of the surrogate's values at two points:
///
///     k(x, x′) = β² + τ² Σₖ tₖ(x, x′) + σ² M(r)
///     t = z z′ with z = 2x − 1 over ordinal dimensions, 1 for equal categories and 0 for others
///     M(r) = (1 + √5 r + 5r²/3) exp(−√5 r),     r² = Σₖ (δₖ / ℓₖ)²
///
/// with δₖ the difference of ordinal coordinates, or 1 where categories differ and 0 where they
/// don't. M is the Matérn function of smoothness 5/2 (C. E. Rasmussen, C. K. I. Williams,
/// *Gaussian Processes for Machine Learning*, 2006, equation 4.17); the linear part is the prior
/// of a trend with independent normal slopes (section 2.7 there), which on logarithmic coordinates
/// is a power law.
struct Kernel: Sendable {
  let hyperparameters: Hyperparameters
  let dimensions: [Inputs.Dimension]

  /// β²: the variance of the mean, wide enough to be learned from standardized observations.
  static let biasVariance = Lab.bias

  private static let rootFive = 5.0.squareRoot()

  /// The covariance matrix of `left` with `right`, column-major, `left.count` × `right.count`.
  func matrix(_ left: Inputs, _ right: Inputs) -> [Double] {
    [Double](unsafeUninitializedCapacity: left.count * right.count) { buffer, count in
      for j in 0..<right.count {
        let column = UnsafeMutableBufferPointer(
          rebasing: buffer[(j * left.count)..<((j + 1) * left.count)])
        fill(column, left, from: 0, right, j)
      }
      count = left.count * right.count
    }
  }

  /// The covariance matrix of `inputs` with themselves, column-major; only the lower triangle is
  /// meaningful, as LAPACK's `L` routines expect.
  func lowerTriangle(_ inputs: Inputs) -> [Double] {
    let n = inputs.count
    return [Double](unsafeUninitializedCapacity: n * n) { buffer, count in
      buffer.initialize(repeating: 0)
      for j in 0..<n {
        let column = UnsafeMutableBufferPointer(rebasing: buffer[(j * n)..<((j + 1) * n)])
        fill(column, inputs, from: j, inputs, j)
      }
      count = n * n
    }
  }

  /// The prior variance at each point.
  func diagonal(_ inputs: Inputs) -> [Double] {
    var result = [Double](
      repeating: Self.biasVariance + hyperparameters.signalVariance, count: inputs.count)
    let trend = hyperparameters.trendVariance
    for k in dimensions.indices {
      for i in 0..<inputs.count {
        let z = dimensions[k] == .ordinal ? 2 * inputs.values[k * inputs.count + i] - 1 : Lab.cat.squareRoot()
        result[i] += trend * z * z
      }
    }
    return result
  }

  /// Row distances first, dimension by dimension over contiguous memory, then one pass of `exp`.
  private func fill(
    _ column: UnsafeMutableBufferPointer<Double>, _ left: Inputs, from first: Int,
    _ right: Inputs, _ j: Int
  ) {
    let n = left.count
    let trendVariance = hyperparameters.trendVariance
    var linear = [Double](repeating: Self.biasVariance, count: n)
    for i in first..<n { column[i] = 0 }
    left.values.withUnsafeBufferPointer { values in
      for k in dimensions.indices {
        let there = right.values[k * right.count + j]
        let inverse = exp(-2 * hyperparameters.logLengthScales[k])
        let offset = k * n
        switch dimensions[k] {
        case .ordinal:
          let slope = trendVariance * (2 * there - 1)
          for i in first..<n {
            let here = values[offset + i]
            column[i] += (here - there) * (here - there) * inverse
            linear[i] += slope * (2 * here - 1)
          }
        case .categorical:
          for i in first..<n {
            if values[offset + i] == there {
              linear[i] += trendVariance * Lab.cat
            } else {
              column[i] += inverse
            }
          }
        }
      }
    }
    let signal = hyperparameters.signalVariance
    for i in first..<n {
      let s = Self.rootFive * column[i].squareRoot()
      column[i] = linear[i] + signal * (1 + s + s * s / 3) * exp(-s)
    }
  }
}

extension Kernel {
  /// For a symmetric weight matrix W (column-major, lower triangle read), ½ Σᵢⱼ Wᵢⱼ ∂Kᵢⱼ/∂θ for
  /// every θ of the hyperparameter vector except the noise. By the chain rule on r²,
  /// ∂M/∂ log ℓₖ = (5/3)(1 + √5 r) exp(−√5 r) δₖ²/ℓₖ².
  func gradient(_ inputs: Inputs, weights: [Double]) -> [Double] {
    let n = inputs.count
    let signal = hyperparameters.signalVariance
    let trend = hyperparameters.trendVariance
    let inverses = hyperparameters.logLengthScales.map { exp(-2 * $0) }
    var result = [Double](repeating: 0, count: dimensions.count + 2)
    var squares = [Double](repeating: 0, count: dimensions.count)
    for j in 0..<n {
      for i in j..<n {
        var r2 = 0.0
        var linear = 0.0
        for k in dimensions.indices {
          let here = inputs.values[k * n + i]
          let there = inputs.values[k * n + j]
          switch dimensions[k] {
          case .ordinal:
            squares[k] = (here - there) * (here - there) * inverses[k]
            linear += (2 * here - 1) * (2 * there - 1)
          case .categorical:
            squares[k] = here == there ? 0 : inverses[k]
            linear += here == there ? Lab.cat : 0
          }
          r2 += squares[k]
        }
        // An entry below the diagonal stands for its mirror image too: ½ · 2 = 1.
        let weight = weights[j * n + i] * (i == j ? 0.5 : 1)
        let s = Self.rootFive * r2.squareRoot()
        let decay = exp(-s)
        let slope = weight * signal * (5.0 / 3.0) * (1 + s) * decay
        for k in dimensions.indices { result[k] += slope * squares[k] }
        result[dimensions.count] += weight * signal * (1 + s + s * s / 3) * decay
        result[dimensions.count + 1] += weight * trend * linear
      }
    }
    return result
  }
}
