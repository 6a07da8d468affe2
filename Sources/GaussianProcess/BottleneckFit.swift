import COpenBLAS
import Glibc

/// Fits the parameters of a `BottleneckModel`: log p, then αₛ and wₛ of every stage.
struct BottleneckFit {
  private let features: [Double]
  private let values: [Double]
  private let sign: Double
  private let beliefs: BottleneckModel.Beliefs
  let means: [Double]
  let deviations: [Double]

  init(
    _ features: [Double], _ values: [Double], _ shape: BottleneckModel.Shape,
    _ beliefs: BottleneckModel.Beliefs
  ) {
    self.features = features
    self.values = values
    self.beliefs = beliefs
    sign = shape == .sum ? 1 : -1
    // A sum has p = 1, a pipeline's corners are sharper.
    var means = [log(2.5)]
    var deviations = [0.5]
    for _ in 0..<BottleneckModel.stages {
      // Of three equal stages each is a little below their sum.
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
    // How sharp the corners are is left to the climb.
    return means.indices.map { $0 == 0 ? means[0] : means[$0] + deviations[$0] * width * draws[$0] }
  }

  /// What is left open at a fit, by the residuals and, as worth four of them, the belief.
  func remainder(at parameters: [Double]) -> Double {
    let fitted = BottleneckModel.linearized(
      parameters, features, beliefs.weightDeviations.count, sign)
    var sum = 4 * beliefs.remainder * beliefs.remainder
    for (value, fit) in zip(values, fitted.values) { sum += (value - fit) * (value - fit) }
    let free = max(Double(values.count) - 0.5 * Double(means.count), 0.3 * Double(values.count))
    return (sum / (4 + free)).squareRoot()
  }

  /// A mode before it is weighed against the others.
  struct Peak {
    let parameters: [Double]
    let precision: Cholesky
    /// log p(values), by Laplace's approximation at this mode.
    let logWeight: Double
  }

  private static let iterationsMax = 25

  /// The mode that a climb from `start` ends at.
  func climb(from start: [Double], remainder: Double) -> Peak? {
    var here = State(start, self, remainder)
    guard here.loss.isFinite else { return nil }
    var damping = 1e-2
    for _ in 0..<Self.iterationsMax {
      guard let next = step(from: here, remainder, &damping) else { break }
      let gained = here.loss - next.loss
      here = next
      if gained < 1e-3 { break }
    }
    guard
      let precision = Cholesky(
        lowerTriangle: curvature(here.jacobian, remainder), count: start.count)
    else { return nil }
    let logPrior = -deviations.reduce(0) { $0 + log($1) }
    let noise = Double(values.count) * (log(remainder) + 0.5 * log(2 * Double.pi))
    return Peak(
      parameters: here.parameters, precision: precision,
      logWeight: -here.loss - 0.5 * precision.logDeterminant + logPrior - noise)
  }

  /// Parameters with what follows from them.
  private struct State {
    let parameters: [Double]
    let fitted: [Double]
    let jacobian: [Double]
    let loss: Double

    init(_ parameters: [Double], _ fit: BottleneckFit, _ remainder: Double) {
      let linear = BottleneckModel.linearized(
        parameters, fit.features, fit.beliefs.weightDeviations.count, fit.sign)
      self.parameters = parameters
      fitted = linear.values
      jacobian = linear.jacobian
      loss = fit.loss(parameters, linear.values, remainder)
    }
  }

  /// One step downhill of the loss, damped as much as it takes; nil at the bottom.
  private func step(from here: State, _ remainder: Double, _ damping: inout Double) -> State? {
    let gradient = gradient(here.parameters, here.fitted, here.jacobian, remainder)
    let hessian = curvature(here.jacobian, remainder)
    let d = gradient.count
    for _ in 0..<6 {
      var damped = hessian
      for k in 0..<d { damped[k * d + k] *= 1 + damping }
      guard let factor = Cholesky(lowerTriangle: damped, count: d) else { return nil }
      let change = factor.solve(gradient)
      let next = State(zip(here.parameters, change).map { $0 - $1 }, self, remainder)
      if next.loss < here.loss {
        damping = max(damping / 8, 1e-6)
        return next
      }
      damping *= 8
    }
    return nil
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
