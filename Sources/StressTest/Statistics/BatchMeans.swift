import Glibc

/// The mean of a correlated series with its 95 % interval, from the means of stretches of it, which
/// are as good as independent where the values themselves aren't (S. Asmussen, P. W. Glynn,
/// *Stochastic Simulation*, 2007, section IV.5).
///
/// Stretches that are too short hide a part of the variance, in proportion to 1/length: what ten
/// and twenty of them say is extrapolated to ever longer ones, and the greatest of the three is
/// believed. Means of a queue's latencies are skewed, to the side on which the interval of their
/// logarithm is wider.
struct BatchMeans {
  let estimate: Estimate

  init(_ series: [Double]) {
    let mean = series.isEmpty ? 0 : series.reduce(0, +) / Double(series.count)
    guard series.count >= 4 * Self.batches, mean > 0 else {
      estimate = Estimate(value: mean)
      return
    }
    let few = Self.variance(of: series, around: mean, batches: Self.batches)
    let many = Self.variance(of: series, around: mean, batches: 2 * Self.batches)
    let variance = max(few, many, 2 * few - many)
    let ratio = exp(Self.studentT * variance.squareRoot() / mean)
    estimate = Estimate(value: mean, lower: mean / ratio, upper: mean * ratio)
  }

  private static let batches = 10
  /// The 97.5th percentile of Student's t with nine degrees of freedom.
  private static let studentT = 2.2622

  /// Of the mean of all.
  private static func variance(
    of series: [Double], around mean: Double, batches: Int
  ) -> Double {
    let squares = (0..<batches).reduce(0.0) { sum, batch in
      let part = series[batch * series.count / batches..<(batch + 1) * series.count / batches]
      let deviation = part.reduce(0, +) / Double(part.count) - mean
      return sum + deviation * deviation
    }
    return squares / Double(batches - 1) / Double(batches)
  }
}
