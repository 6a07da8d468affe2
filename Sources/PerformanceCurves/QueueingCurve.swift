import Glibc

/// A latency quantile over the offered load λ, shaped like a queue's:
/// q(λ) = a + b·ρ/(1 − ρ) with ρ = λ/c.
///
/// Exact for every quantile of an M/M/1 queue (a = b), and for the mean of M/G/1 (Pollaczek and
/// Khinchine); close to others once a, b and c are fitted. It rises wherever b > 0.
struct QueueingCurve: Hashable, Sendable {
  /// Latency without load.
  let base: Double
  /// How strongly waiting adds to it.
  let waiting: Double
  /// The load at which waiting has no end.
  let capacity: Double

  func value(at load: Double) -> Double { base + waiting * Self.queue(load, capacity) }

  /// The load at which the curve reaches a latency; nil below `base` or where it never does.
  func load(reaching latency: Double) -> Double? {
    guard latency >= base, waiting > 0 else { return nil }
    let queue = (latency - base) / waiting
    return capacity * queue / (1 + queue)
  }

  /// The load with the greatest ratio of throughput to latency, λ/q(λ): beyond it, latency grows
  /// faster than throughput. Setting its derivative to zero gives ρ/(1 − ρ) = √(a/b); for M/M/1
  /// that is ρ = ½ (L. Kleinrock, "Power and deterministic rules of thumb for probabilistic
  /// problems in computer communications", ICC 1979).
  var knee: Double? {
    guard waiting > 0, base > 0 else { return nil }
    let queue = (base / waiting).squareRoot()
    return capacity * queue / (1 + queue)
  }

  /// ρ/(1 − ρ): the mean number in an M/M/1 queue.
  static func queue(_ load: Double, _ capacity: Double) -> Double {
    load < capacity ? load / (capacity - load) : .infinity
  }
}

/// A latency in milliseconds measured at a load.
struct LatencyPoint: Hashable, Sendable {
  let load: Double
  let latency: Double
  /// The standard deviation of the latency's logarithm.
  let noise: Double
}

extension QueueingCurve {
  /// The curve of a given capacity through the points: robust least squares of the relative
  /// residuals, with a, b ≥ 0.
  ///
  /// Reweighted thrice by Huber's weights (P. J. Huber, *Robust Statistics*, 1981, section 7.8).
  init(fitting points: [LatencyPoint], capacity: Double) {
    let queues = points.map { Self.queue($0.load, capacity) }
    var weights = points.map { 1 / ($0.noise * $0.noise * $0.latency * $0.latency) }
    var curve = Self(points, queues, weights, capacity)
    for _ in 0..<3 {
      for index in points.indices {
        let point = points[index]
        let fitted = max(curve.value(at: point.load), 1e-9)
        let residual = abs(log(point.latency / fitted)) / point.noise
        let robust = residual > Self.huberBound ? Self.huberBound / residual : 1
        weights[index] = robust / (point.noise * point.noise * fitted * point.latency)
      }
      curve = Self(points, queues, weights, capacity)
    }
    self = curve
  }

  static var huberBound: Double { 1.345 }

  /// Weighted least squares in two unknowns; the better of the two edges where one is negative.
  private init(
    _ points: [LatencyPoint], _ queues: [Double], _ weights: [Double], _ capacity: Double
  ) {
    var (ones, linear, square, latency, product) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for index in points.indices {
      let (weight, queue) = (weights[index], queues[index])
      ones += weight
      linear += weight * queue
      square += weight * queue * queue
      latency += weight * points[index].latency
      product += weight * queue * points[index].latency
    }
    let determinant = ones * square - linear * linear
    var (base, waiting) = (latency / ones, 0.0)
    if determinant > 1e-12 * ones * square {
      base = (square * latency - linear * product) / determinant
      waiting = (ones * product - linear * latency) / determinant
      if waiting < 0 { (base, waiting) = (latency / ones, 0) }
      if base < 0 { (base, waiting) = (0, product / square) }
    }
    self.init(base: base, waiting: waiting, capacity: capacity)
  }

  /// The sum of Huber's loss of the logarithmic residuals, each in units of its noise.
  func loss(on points: [LatencyPoint]) -> Double {
    points.reduce(0) { sum, point in
      let residual = abs(log(point.latency / max(value(at: point.load), 1e-9))) / point.noise
      let bound = Self.huberBound
      return sum
        + (residual <= bound ? residual * residual / 2 : bound * (residual - bound / 2))
    }
  }
}
