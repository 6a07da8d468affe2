import Glibc

/// Points as the kernel sees them: every coordinate in units of its length scale, so that what is
/// left to do for a pair is to add up squares. Column-major, each column contiguous.
struct KernelPoints: Sendable {
  let count: Int
  /// √5 xₖ / ℓₖ of each ordinal dimension.
  let ordinals: [Double]
  /// The category of each categorical dimension.
  let categories: [Double]
  /// 5 / (2 ℓ²) of that category: what it adds to s² against any other, which adds its own.
  let categoryWeights: [Double]
  /// β, and τ zₖ of each dimension's trend.
  let trend: [Double]
  let ordinalCount: Int
  let categoricalCount: Int
  var trendCount: Int { 1 + ordinalCount }

  init(_ inputs: Inputs, _ hyperparameters: Hyperparameters) {
    let n = inputs.count
    let slope = exp(0.5 * hyperparameters.logTrendVariance)
    var ordinals: [Double] = []
    var categories: [Double] = []
    var weights: [Double] = []
    var trend = [Double](repeating: Kernel.biasVariance.squareRoot(), count: n)
    for (k, dimension) in inputs.dimensions.enumerated() {
      let column = inputs.values[(k * n)..<((k + 1) * n)]
      switch dimension {
      case .ordinal:
        let scale = 5.0.squareRoot() * exp(-hyperparameters.logLengthScales[k])
        ordinals.append(contentsOf: column.lazy.map { $0 * scale })
        trend.append(contentsOf: column.lazy.map { slope * (2 * $0 - 1) })
      case .categorical:
        categories.append(contentsOf: column)
        weights.append(
          contentsOf: column.lazy.map {
            2.5 * exp(-2 * hyperparameters.logLengthScale(of: Int($0), dimension: k))
          })
      }
    }
    self.count = n
    self.ordinals = ordinals
    self.categories = categories
    self.categoryWeights = weights
    self.trend = trend
    ordinalCount = inputs.dimensions.count { $0 == .ordinal }
    categoricalCount = inputs.dimensions.count - ordinalCount
  }
}

extension KernelPoints {
  /// s² = 5 r² of point `j` of `other` with the points `rows` of these, into `column`.
  @inline(__always)
  func fillSquares(
    _ column: UnsafeMutablePointer<Double>, rows: Range<Int>, with j: Int, of other: KernelPoints
  ) {
    let length = rows.count
    column.initialize(repeating: 0, count: length)
    ordinals.withUnsafeBufferPointer { here in
      for k in 0..<ordinalCount {
        Loops.addSquares(
          column, here.baseAddress.unsafelyUnwrapped + k * count + rows.lowerBound,
          other.ordinals[k * other.count + j], length)
      }
    }
    for k in 0..<categoricalCount {
      let there = k * other.count + j
      categories.withUnsafeBufferPointer { here in
        categoryWeights.withUnsafeBufferPointer { weights in
          Loops.addDifferences(
            column, here.baseAddress.unsafelyUnwrapped + k * count + rows.lowerBound,
            weights.baseAddress.unsafelyUnwrapped + k * count + rows.lowerBound,
            other.categories[there], other.categoryWeights[there], length)
        }
      }
    }
  }
}

/// The innermost loops, each over contiguous memory and simple enough to become vector code.
enum Loops {
  @inline(never)
  static func addSquares(
    _ sum: UnsafeMutablePointer<Double>, _ here: UnsafePointer<Double>, _ there: Double,
    _ count: Int
  ) {
    for i in 0..<count {
      let difference = here[i] - there
      sum[i] += difference * difference
    }
  }

  @inline(never)
  static func addDifferences(
    _ sum: UnsafeMutablePointer<Double>, _ category: UnsafePointer<Double>,
    _ weight: UnsafePointer<Double>, _ other: Double, _ otherWeight: Double, _ count: Int
  ) {
    for i in 0..<count {
      let distance = weight[i] + otherWeight
      sum[i] += category[i] == other ? 0 : distance
    }
  }

  /// σ² (1 + s + s²/3) exp(−s) in place of s².
  @inline(never)
  static func matern(_ values: UnsafeMutablePointer<Double>, _ variance: Double, _ count: Int) {
    let rest = count % Lanes.scalarCount
    for i in stride(from: 0, to: count - rest, by: Lanes.scalarCount) {
      matern(Lanes(at: values + i), variance).store(at: values + i)
    }
    let end = values + (count - rest)
    matern(Lanes(rest, at: end), variance).store(rest, at: end)
  }

  @inline(__always)
  private static func matern(_ square: Lanes, _ variance: Double) -> Lanes {
    let s = square.squareRoot()
    return variance * (1 + s + square * (1.0 / 3)) * exponential(ofMinus: s)
  }

  /// The same, and σ² (1 + s) exp(−s) / 6, which is −dk/d(s²), beside it.
  @inline(never)
  static func maternWithSlope(
    _ values: UnsafeMutablePointer<Double>, _ slopes: UnsafeMutablePointer<Double>,
    _ variance: Double, _ count: Int
  ) {
    let rest = count % Lanes.scalarCount
    for i in stride(from: 0, to: count - rest, by: Lanes.scalarCount) {
      let (value, slope) = maternWithSlope(Lanes(at: values + i), variance)
      value.store(at: values + i)
      slope.store(at: slopes + i)
    }
    let end = count - rest
    let (value, slope) = maternWithSlope(Lanes(rest, at: values + end), variance)
    value.store(rest, at: values + end)
    slope.store(rest, at: slopes + end)
  }

  @inline(__always)
  private static func maternWithSlope(
    _ square: Lanes, _ variance: Double
  ) -> (value: Lanes, slope: Lanes) {
    let s = square.squareRoot()
    let decay = variance * exponential(ofMinus: s)
    return ((1 + s + square * (1.0 / 3)) * decay, (1 + s) * decay * (1.0 / 6))
  }

  /// slope · (α αⱼ − K⁻¹), in place of the slope.
  @inline(never)
  static func weigh(
    _ slopes: UnsafeMutablePointer<Double>, _ inverse: UnsafePointer<Double>,
    _ alpha: UnsafePointer<Double>, _ alphaThere: Double, _ count: Int
  ) {
    for i in 0..<count { slopes[i] *= alpha[i] * alphaThere - inverse[i] }
  }

  @inline(never)
  static func subtractSquares(
    _ rest: UnsafeMutablePointer<Double>, _ values: UnsafePointer<Double>, _ count: Int
  ) {
    for i in 0..<count { rest[i] -= values[i] * values[i] }
  }
}
