import COpenBLAS
import Glibc

/// What a model says of points, by every mode: its value there, and how that changes with the
/// parameters. Kept apart from the law that follows, so that a Gaussian process can take off what
/// the observations explain (`ExplicitBasis`).
extension BottleneckModel {
  private var parameterCount: Int { modes.first?.parameters.count ?? 0 }

  /// Numbers for each point in an expansion: each mode's value, followed by its gradient.
  package var width: Int { modes.count * (1 + parameterCount) }

  /// Values and gradients at points: `width` numbers a point.
  package func expansion(_ features: [Double]) -> [Double] {
    let n = features.count / max(featureCount, 1)
    let (d, width) = (parameterCount, width)
    return [Double](unsafeUninitializedCapacity: n * width) { buffer, count in
      count = n * width
      guard let start = buffer.baseAddress, n > 0 else { return }
      for (number, mode) in modes.enumerated() {
        let linear = Self.linearized(mode.parameters, features, featureCount, sign)
        linear.jacobian.withUnsafeBufferPointer { jacobian in
          guard let jacobian = jacobian.baseAddress else { return }
          for i in 0..<n {
            let place = start + i * width + number * (1 + d)
            place.initialize(to: linear.values[i])
            (place + 1).initialize(from: jacobian + i * d, count: d)
          }
        }
      }
    }
  }

  /// The mean of the modes at each point of an expansion.
  package func means(_ expansion: [Double]) -> [Double] {
    let (step, width) = (1 + parameterCount, width)
    return (0..<(expansion.count / max(width, 1))).map { i in
      modes.indices.reduce(0) { $0 + modes[$1].weight * expansion[i * width + $1 * step] }
    }
  }

  /// The variance at each point of an expansion: of the modes' values, and within each.
  package func variances(_ expansion: [Double]) -> [Double] {
    let (d, width) = (parameterCount, width)
    let n = expansion.count / max(width, 1)
    let means = means(expansion)
    var result = [Double](repeating: 0, count: n)
    var solved = expansion
    solved.withUnsafeMutableBufferPointer { solved in
      guard let start = solved.baseAddress, n > 0 else { return }
      for (number, mode) in modes.enumerated() {
        let gradients = start + number * (1 + d) + 1
        cblas_dtrsm(
          CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(d), Int32(n), 1,
          mode.precision.lower, Int32(d), gradients, Int32(width))
        for i in 0..<n {
          let off = gradients[i * width - 1] - means[i]
          var variance = off * off
          for k in 0..<d {
            variance += gradients[i * width + k] * gradients[i * width + k]
          }
          result[i] += mode.weight * variance
        }
      }
    }
    return result
  }

  /// Adds the covariances of the points of an expansion to a lower triangle, column-major: of the
  /// modes' values, and within each.
  package func addCovariance(_ expansion: [Double], to matrix: inout [Double]) {
    let (d, width) = (parameterCount, width)
    let n = expansion.count / max(width, 1)
    let means = means(expansion)
    for (number, mode) in modes.enumerated() {
      // A column for each point: the gradient as the precision sees it, then the value's distance.
      var columns = [Double](repeating: 0, count: n * d)
      var off = [Double](repeating: 0, count: n)
      for i in 0..<n {
        let start = i * width + number * (1 + d)
        off[i] = expansion[start] - means[i]
        for k in 0..<d { columns[i * d + k] = expansion[start + 1 + k] }
      }
      mode.precision.solveColumns(&columns, columns: n)
      cblas_dsyrk(
        CblasColMajor, CblasLower, CblasTrans, Int32(n), Int32(d), mode.weight, columns, Int32(d),
        1, &matrix, Int32(n))
      cblas_dsyr(CblasColMajor, CblasLower, Int32(n), mode.weight, off, 1, &matrix, Int32(n))
    }
  }

  /// Joint draws at the points of an expansion, column-major, one column a draw.
  package func draws(
    ofExpansion expansion: [Double], count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double] {
    let (d, width) = (parameterCount, width)
    let n = expansion.count / max(width, 1)
    var chosen = [[Int]](repeating: [], count: modes.count)
    for draw in 0..<count {
      var chance = Double.random(in: 0..<1, using: &generator)
      var number = 0
      while number < modes.count - 1, chance >= modes[number].weight {
        chance -= modes[number].weight
        number += 1
      }
      chosen[number].append(draw)
    }
    var result = [Double](repeating: 0, count: n * count)
    for (number, mode) in modes.enumerated() where !chosen[number].isEmpty {
      let columns = chosen[number].count
      let offset = number * (1 + d)
      var shifts = NormalDistribution.draws(d * columns, using: &generator)
      mode.precision.solveTransposed(&shifts, columns: columns)
      var part = [Double](repeating: 0, count: n * columns)
      expansion.withUnsafeBufferPointer { expansion in
        guard let start = expansion.baseAddress, n > 0 else { return }
        cblas_dgemm(
          CblasColMajor, CblasTrans, CblasNoTrans, Int32(n), Int32(columns), Int32(d), 1,
          start + offset + 1, Int32(width), shifts, Int32(d), 0, &part, Int32(n))
      }
      for (column, draw) in chosen[number].enumerated() {
        for i in 0..<n {
          result[draw * n + i] = part[column * n + i] + expansion[i * width + offset]
        }
      }
    }
    return result
  }

  /// The function as it was before data, to first order about the likeliest mode: its means at the points
  /// of an expansion, and how much a deviation of each parameter changes it there, a row a point.
  package func beforeData(_ expansion: [Double]) -> (means: [Double], changes: [Double]) {
    let (d, width) = (parameterCount, width)
    let n = expansion.count / max(width, 1)
    guard let number = modes.indices.max(by: { modes[$0].weight < modes[$1].weight }) else {
      return ([], [])
    }
    let parameters = modes[number].parameters
    var means = [Double](repeating: 0, count: n)
    var changes = [Double](repeating: 0, count: n * d)
    for i in 0..<n {
      let start = i * width + number * (1 + d)
      means[i] = expansion[start]
      for k in 0..<d {
        let slope = expansion[start + 1 + k]
        means[i] += slope * (priorMeans[k] - parameters[k])
        changes[i * d + k] = slope * priorDeviations[k]
      }
    }
    return (means, changes)
  }

  /// Means and variances of the function (without what it leaves open) at points.
  package func marginals(_ features: [Double]) -> Posterior.Marginals {
    let expansion = expansion(features)
    return Posterior.Marginals(means: means(expansion), variances: variances(expansion))
  }

  /// Joint draws at points, column-major, one column a draw.
  package func draws(
    _ features: [Double], count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Double] {
    draws(ofExpansion: expansion(features), count: count, using: &generator)
  }
}
