import COpenBLAS
import Glibc

/// Fits the parameters of a `BottleneckModel`: log p, then αₛ and wₛ of every stage.
struct BottleneckFit {
  private let features: [Double]
  private let values: [Double]
  private let sign: Double
  private let beliefs: BottleneckModel.Beliefs
  private let means: [Double]
  private let deviations: [Double]

  init(
    _ features: [Double], _ values: [Double], _ shape: BottleneckModel.Shape,
    _ beliefs: BottleneckModel.Beliefs
  ) {
    self.features = features
    self.values = values
    self.beliefs = beliefs
    sign = shape == .sum ? 1 : -1
    var means = [log(2.5)]
    var deviations = [0.5]
    for _ in 0..<BottleneckModel.stages {
      means += [sign * beliefs.center - 0.7] + beliefs.weightDeviations.map { _ in 0 }
      deviations += [beliefs.centerDeviation] + beliefs.weightDeviations
    }
    self.means = means
    self.deviations = deviations
  }

  /// Parameters to climb from: drawn from the prior, the first time tamely.
  func start(_ number: Int, using generator: inout some RandomNumberGenerator) -> [Double] {
    let draws = NormalDistribution.draws(means.count, using: &generator)
    let width = number == 0 ? 0.3 : 1.0
    return means.indices.map { means[$0] + (deviations[$0] * width) * ($0 == 0 ? 0 : draws[$0]) }
  }

  /// What is left open at a fit, by the residuals and, as worth four of them, the belief.
  func remainder(at parameters: [Double]) -> Double {
    let fitted = BottleneckModel.linearized(
      parameters, features, beliefs.weightDeviations.count, sign)
    var sum = 4 * beliefs.remainder * beliefs.remainder
    for i in values.indices { sum += (values[i] - fitted.values[i]) * (values[i] - fitted.values[i]) }
    let free = max(Double(values.count) - 0.5 * Double(means.count), 0.3 * Double(values.count))
    return (sum / (4 + free)).squareRoot()
  }

  private static let iterationsMax = 25

  /// The mode uphill of a start, the factor of its Hessian, and its log evidence.
  func climb(
    from start: [Double], remainder: Double
  ) -> (parameters: [Double], precision: Cholesky, logWeight: Double)? {
    let d = start.count
    let m = beliefs.weightDeviations.count
    var parameters = start
    var (fitted, jacobian) = BottleneckModel.linearized(parameters, features, m, sign)
    var loss = loss(parameters, fitted, remainder)
    guard loss.isFinite else { return nil }
    var damping = 1e-2
    var hessian = curvature(jacobian, remainder)
    for _ in 0..<Self.iterationsMax {
      let gradient = gradient(parameters, fitted, jacobian, remainder)
      var improved = 0.0
      for _ in 0..<6 {
        var damped = hessian
        for k in 0..<d { damped[k * d + k] *= 1 + damping }
        guard let factor = Cholesky(lowerTriangle: damped, count: d) else { return nil }
        let step = factor.solve(gradient)
        let next = zip(parameters, step).map { $0 - $1 }
        let linear = BottleneckModel.linearized(next, features, m, sign)
        let nextLoss = self.loss(next, linear.values, remainder)
        if nextLoss < loss {
          improved = loss - nextLoss
          (parameters, fitted, jacobian, loss) = (next, linear.values, linear.jacobian, nextLoss)
          damping = max(damping / 8, 1e-6)
          break
        }
        damping *= 8
      }
      hessian = curvature(jacobian, remainder)
      if improved < 1e-3 { break }
    }
    guard let precision = Cholesky(lowerTriangle: hessian, count: d) else { return nil }
    let logPrior = -deviations.reduce(0) { $0 + log($1) }
    let logWeight =
      -loss - 0.5 * precision.logDeterminant + logPrior
      - Double(values.count) * (log(remainder) + 0.5 * log(2 * Double.pi))
    return (parameters, precision, logWeight)
  }

  private func loss(_ parameters: [Double], _ fitted: [Double], _ remainder: Double) -> Double {
    var sum = 0.0
    for i in values.indices {
      let z = (values[i] - fitted[i]) / remainder
      sum += 0.5 * z * z
    }
    for k in parameters.indices {
      let z = (parameters[k] - means[k]) / deviations[k]
      sum += 0.5 * z * z
    }
    return sum
  }

  private func gradient(
    _ parameters: [Double], _ fitted: [Double], _ jacobian: [Double], _ remainder: Double
  ) -> [Double] {
    let d = parameters.count
    var result = parameters.indices.map {
      (parameters[$0] - means[$0]) / (deviations[$0] * deviations[$0])
    }
    for i in values.indices {
      let factor = (fitted[i] - values[i]) / (remainder * remainder)
      for k in 0..<d { result[k] += factor * jacobian[i * d + k] }
    }
    return result
  }

  /// JᵀJ / s² + the prior's precision, lower triangle.
  private func curvature(_ jacobian: [Double], _ remainder: Double) -> [Double] {
    let d = deviations.count
    var result = [Double](repeating: 0, count: d * d)
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasNoTrans, Int32(d), Int32(values.count),
      1 / (remainder * remainder), jacobian, Int32(d), 0, &result, Int32(d))
    for k in 0..<d { result[k * d + k] += 1 / (deviations[k] * deviations[k]) }
    return result
  }
}
