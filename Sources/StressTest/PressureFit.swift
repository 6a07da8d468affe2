import Glibc
import Tuning

/// A line through the reciprocal of the steps' pressure (latency over its bound) against rate,
/// which reads off the edge with less noise than the last verdict does.
///
/// In an M/M/1 queue a latency quantile is proportional to 1/(c − λ), so its reciprocal is a
/// straight line in the rate λ; in other queues it nearly is, near the edge.
struct PressureFit {
  private let points: [(rate: Double, slack: Double, weight: Double)]

  init(_ attempts: [CapacitySearch.Attempt], limits: LoadLimits) {
    points = attempts.compactMap { attempt in
      guard let pressure = limits.pressure(of: attempt.step), pressure > 0, pressure < 4 else {
        return nil
      }
      return (attempt.probe.rate.perSecond, 1 / pressure, Double(attempt.step.requests))
    }
  }

  /// The rate at which the pressure is 1, within the bracket; the bracket's geometric middle
  /// where the steps don't show a falling line, its lower end where it has no upper one.
  func edge(between held: Rate, and failed: Rate?) -> Rate {
    guard let failed else { return held }
    let middle = (held.perSecond * failed.perSecond).squareRoot()
    guard let crossing = crossing(near: middle) else { return Rate(perSecond: middle) }
    return Rate(perSecond: min(max(crossing, held.perSecond), failed.perSecond))
  }

  /// Whether the edge lies above a rate.
  func exceeds(_ rate: Rate) -> Bool {
    crossing(near: rate.perSecond).map { $0 > rate.perSecond } ?? false
  }

  private func crossing(near middle: Double) -> Double? {
    var (weights, rates, slacks, squares, products) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var near = 0
    for point in points {
      let distance = log(point.rate / middle) / 0.35
      // The reciprocal of a noisy latency is as noisy as it is great.
      let weight = point.weight * exp(-distance * distance / 2) / (point.slack * point.slack)
      let offset = point.rate - middle
      near += abs(distance) < 1.5 ? 1 : 0
      weights += weight
      rates += weight * offset
      slacks += weight * point.slack
      squares += weight * offset * offset
      products += weight * offset * point.slack
    }
    let spread = weights * squares - rates * rates
    guard near >= 3, spread > 1e-9 * weights * squares else { return nil }
    let slope = (weights * products - rates * slacks) / spread
    let level = (slacks - slope * rates) / weights
    return slope < 0 ? middle + (1 - level) / slope : nil
  }
}
