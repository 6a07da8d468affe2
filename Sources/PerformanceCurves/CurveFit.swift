import Glibc
import Tuning

/// The curves of the median and the 99th percentile of one candidate, of one capacity.
struct CurveFit: Hashable, Sendable {
  let p50: QueueingCurve
  let p99: QueueingCurve
  var capacity: Double { p99.capacity }
}

/// What a fit starts from: latencies at loads that were sustained, and what is known of the
/// capacity.
struct LatencyObservations: Hashable, Sendable {
  var p50: [LatencyPoint]
  var p99: [LatencyPoint]
  /// The greatest load that was sustained; the capacity lies above.
  let sustained: Double
  /// Rates that were achieved under a greater offered load: estimates of the capacity.
  var saturated: [Double]

  /// The fit with the least loss over a grid of capacities, refined once.
  func fit() -> CurveFit {
    let coarse = (1...Self.gridSize).map { 1 + 0.004 * pow(1.16, Double($0)) }
    var best = least(of: coarse)
    let around = best.capacity / sustained - 1
    best = least(of: (-5...5).map { 1 + around * pow(1.028, Double($0)) })
    return best
  }

  /// Capacities from 0.5 % to six times above the greatest sustained load.
  private static let gridSize = 48
  /// The standard deviation of the logarithm of an achieved rate.
  private static let rateNoise = 0.05
  /// How little is known beforehand of the distance from the greatest sustained load.
  private static let distanceSpread = 1.5

  private func least(of ratios: [Double]) -> CurveFit {
    var best: (fit: CurveFit, loss: Double)?
    for ratio in ratios {
      let capacity = sustained * ratio
      let fit = CurveFit(
        p50: QueueingCurve(fitting: p50, capacity: capacity),
        p99: QueueingCurve(fitting: p99, capacity: capacity))
      let loss = fit.p50.loss(on: p50) + fit.p99.loss(on: p99) + surprise(at: capacity)
      if best.map({ loss < $0.loss }) ?? true { best = (fit, loss) }
    }
    return best?.fit ?? constant
  }

  /// How badly a capacity agrees with the rates achieved in saturation and with a weak prior.
  private func surprise(at capacity: Double) -> Double {
    let distance = log((capacity / sustained - 1) / 0.25) / Self.distanceSpread
    return saturated.reduce(distance * distance / 2) { sum, rate in
      let residual = min(abs(log(capacity / max(rate, sustained))) / Self.rateNoise, 4)
      return sum + residual * residual / 2
    }
  }

  private var constant: CurveFit {
    CurveFit(
      p50: QueueingCurve(base: p50.first?.latency ?? 0, waiting: 0, capacity: sustained),
      p99: QueueingCurve(base: p99.first?.latency ?? 0, waiting: 0, capacity: sustained))
  }

  /// Data as they might have come out, had chance decided differently: the fitted curve with
  /// noise of the given scale (B. Efron, R. Tibshirani, *An Introduction to the Bootstrap*, 1993,
  /// section 6.5).
  func redrawn(
    around fit: CurveFit, scale: Double, using generator: inout SeededGenerator
  ) -> LatencyObservations {
    var data = self
    func redraw(_ points: inout [LatencyPoint], _ curve: QueueingCurve) {
      points = points.map { point in
        LatencyPoint(
          load: point.load,
          latency: curve.value(at: point.load)
            * exp(scale * point.noise * generator.nextNormal()),
          noise: point.noise)
      }
    }
    redraw(&data.p50, fit.p50)
    redraw(&data.p99, fit.p99)
    data.saturated = saturated.map { $0 * exp(Self.rateNoise * generator.nextNormal()) }
    return data
  }

  /// The scale of the residuals in units of the points' noise, robustly: at least 0.5, so that few
  /// points which a curve happens to pass through don't claim certainty, and 1 where there are no
  /// more points than parameters.
  func residualScale(of fit: CurveFit) -> Double {
    let residuals =
      p99.map { abs(log($0.latency / max(fit.p99.value(at: $0.load), 1e-9))) / $0.noise }
      + p50.map { abs(log($0.latency / max(fit.p50.value(at: $0.load), 1e-9))) / $0.noise }
    let parameters = 5
    guard residuals.count > parameters + 1 else { return 1 }
    let sorted = residuals.sorted()
    let median = sorted[sorted.count / 2]
    let freedom = Double(residuals.count) / Double(residuals.count - parameters)
    return max(median * 1.4826 * freedom.squareRoot(), 0.5)
  }
}

extension SeededGenerator {
  /// Standard normal (G. E. P. Box, M. E. Muller, 1958).
  fileprivate mutating func nextNormal() -> Double {
    let radius = (-2 * log(nextUnit())).squareRoot()
    return radius * cos(2 * .pi * nextUnit())
  }
}
