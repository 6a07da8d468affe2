import Glibc

/// A function that a few bottlenecks shape, each a power law, learned from observations:
///
///     f(x) = ± (1/p) log Σₛ exp(p uₛ(x)),   uₛ(x) = αₛ + wₛ · φ(x)
///
/// with φ the logarithms of the levels. The time that a request takes, what it costs, and the memory
/// that it needs are sums of powers of the levels (posynomials: S. Boyd et al., "A tutorial on
/// geometric programming", *Optimization and Engineering* 8, 2007), and a throughput is the inverse
/// of the slowest of its stages; p says how sharp the corners are.
///
/// All parameters are normal before data. The posterior is a mixture of Laplace approximations at
/// the modes that were found by Levenberg and Marquardt's method from several starts (D. W.
/// Marquardt, *SIAM Journal on Applied Mathematics* 11, 1963), weighted by their evidence.
package struct BottleneckModel: Sendable {
  package enum Shape: Sendable {
    /// The greatest of the power laws decides, or their sum: times, costs.
    case sum
    /// The least of them decides: rates.
    case minimum
  }

  struct Mode: Sendable {
    let parameters: [Double]
    /// The factor of the negative Hessian of the log density.
    let precision: Cholesky
    let weight: Double
  }

  let featureCount: Int
  /// 1 for a sum, −1 for a minimum.
  let sign: Double
  let modes: [Mode]
  /// Of the parameters before data.
  let priorMeans: [Double]
  let priorDeviations: [Double]
}

extension BottleneckModel {
  /// What is believed before data.
  package struct Beliefs: Sendable {
    /// About where f is.
    package var center: Double
    /// Of each stage's α.
    package var centerDeviation: Double
    /// Of the weight of each feature, the mean of which is 0.
    package var weightDeviations: [Double]
    /// The standard deviation of what the power laws leave open, the noise included.
    package var remainder: Double

    package init(
      center: Double, centerDeviation: Double, weightDeviations: [Double], remainder: Double
    ) {
      self.center = center
      self.centerDeviation = centerDeviation
      self.weightDeviations = weightDeviations
      self.remainder = remainder
    }
  }

  /// A pipeline has more stages than this, but seldom more that matter within one search space.
  static let stages = 3
  /// Modes that are this much less likely than the best one are left out.
  private static let logOddsMin = 6.0

  /// Nil only when values aren't finite.
  /// - Parameters:
  ///   - features: row-major, `values.count` × `beliefs.weightDeviations.count`.
  ///   - starts: how many modes are looked for.
  package static func fitted(
    _ features: [Double], _ values: [Double], _ shape: Shape, believing beliefs: Beliefs,
    starts: Int, using generator: inout some RandomNumberGenerator
  ) -> BottleneckModel? {
    let fit = BottleneckFit(features, values, shape, beliefs)
    var modes: [BottleneckFit.Peak] = []
    var remainder = beliefs.remainder
    for start in 0..<starts {
      guard
        var mode = fit.climb(from: fit.start(start, using: &generator), remainder: remainder)
      else { continue }
      if start == 0 {
        // The first fit says how much is left open.
        remainder = fit.remainder(at: mode.parameters)
        guard let again = fit.climb(from: mode.parameters, remainder: remainder) else { continue }
        mode = again
      }
      let isKnown = modes.contains { abs($0.logWeight - mode.logWeight) < 1e-3 }
      if mode.logWeight.isFinite, !isKnown { modes.append(mode) }
    }
    guard let best = modes.map(\.logWeight).max() else { return nil }
    let likely = modes.filter { $0.logWeight > best - logOddsMin }
    let total = likely.reduce(0) { $0 + exp($1.logWeight - best) }
    return BottleneckModel(
      featureCount: beliefs.weightDeviations.count, sign: shape == .sum ? 1 : -1,
      modes: likely.map {
        Mode(
          parameters: $0.parameters, precision: $0.precision,
          weight: exp($0.logWeight - best) / total)
      }, priorMeans: fit.means, priorDeviations: fit.deviations)
  }
}

extension BottleneckModel {
  /// f and its gradient at each point; the gradient column by column, one column a point.
  static func linearized(
    _ parameters: [Double], _ features: [Double], _ m: Int, _ sign: Double
  ) -> (values: [Double], jacobian: [Double]) {
    let n = features.count / max(m, 1)
    let d = parameters.count
    let p = exp(parameters[0])
    var values = [Double](repeating: 0, count: n)
    var jacobian = [Double](repeating: 0, count: n * d)
    var u = [Double](repeating: 0, count: stages)
    var shares = u
    features.withUnsafeBufferPointer { features in
      parameters.withUnsafeBufferPointer { parameters in
        jacobian.withUnsafeMutableBufferPointer { jacobian in
          for i in 0..<n {
            var top = -Double.infinity
            for s in 0..<stages {
              let offset = 1 + s * (m + 1)
              var sum = parameters[offset]
              for k in 0..<m { sum += parameters[offset + 1 + k] * features[i * m + k] }
              u[s] = sum
              top = max(top, sum)
            }
            var total = 0.0
            for s in 0..<stages {
              shares[s] = exp(p * (u[s] - top))
              total += shares[s]
            }
            let soft = top + log(total) / p
            values[i] = sign * soft
            var average = 0.0
            for s in 0..<stages {
              let share = shares[s] / total
              average += share * u[s]
              let offset = i * d + 1 + s * (m + 1)
              jacobian[offset] = sign * share
              for k in 0..<m { jacobian[offset + 1 + k] = sign * share * features[i * m + k] }
            }
            jacobian[i * d] = sign * (average - soft)
          }
        }
      }
    }
    return (values, jacobian)
  }
}
