import Glibc
package import Tuning

/// Throughput and latency of one candidate over the offered load, fitted to a trial's load steps.
///
/// Every curve rises or is flat. Nothing is said outside the loads that were measured.
package struct LoadCurve: Hashable, Sendable {
  /// A latency in milliseconds and its 90 % band.
  package struct Latency: Hashable, Sendable {
    package let value: Double
    package let interval: Interval
  }

  /// One place on the curves, to draw them.
  package struct Point: Hashable, Sendable {
    package let load: Rate
    package let throughput: Double
    package let p50: Latency
    package let p99: Latency
  }

  /// A rate and its 90 % interval.
  package struct RateEstimate: Hashable, Sendable {
    package let rate: Rate
    package let interval: Interval
  }

  /// The least and the greatest load that was sustained: where the latency curves are defined.
  package let loads: ClosedRange<Rate>
  /// The greatest load that was offered, sustained or not.
  package let greatestOffered: Rate
  private let fit: CurveFit
  private let redrawn: [CurveFit]
  private let isSaturationSeen: Bool

  /// Nil when no step was sustained. One or two sustained steps give a flat or a barely
  /// determined curve, with a band that says so.
  package init?(fitting steps: [LoadStep]) {
    let usable = steps.filter(\.isUsable)
    let sustained = usable.filter(\.isSustained)
    guard let least = sustained.map(\.offeredRate).min(),
      let greatest = sustained.map(\.offeredRate).max()
    else { return nil }
    let saturated = usable.filter { !$0.isSustained && $0.offeredRate > greatest }
    let data = LatencyObservations(
      p50: sustained.map {
        LatencyPoint(load: $0.offeredRate, latency: $0.latencies.p50, noise: $0.medianNoise)
      },
      p99: sustained.map {
        LatencyPoint(load: $0.offeredRate, latency: $0.latencies.p99, noise: $0.tailNoise)
      },
      sustained: greatest, saturated: saturated.map(\.achievedRate))
    let fit = data.fit()
    let scale = data.residualScale(of: fit)
    var generator = SeededGenerator(seed: 0, stream: UInt64(sustained.count))
    self.fit = fit
    redrawn = (0..<Self.redraws).map { _ in
      data.redrawn(around: fit, scale: scale, using: &generator).fit()
    }
    loads = Rate(perSecond: least)...Rate(perSecond: greatest)
    greatestOffered = Rate(perSecond: usable.map(\.offeredRate).max() ?? greatest)
    isSaturationSeen = !saturated.isEmpty
  }

  private static let redraws = 60

  package func latencyP99(at load: Rate) -> Latency? { latency(at: load, \.p99) }
  package func latencyP50(at load: Rate) -> Latency? { latency(at: load, \.p50) }

  /// Right answers per second at an offered load; nil above the greatest that was offered and
  /// below the least.
  package func throughput(at load: Rate) -> Double? {
    guard load >= loads.lowerBound, load <= greatestOffered else { return nil }
    return min(load.perSecond, fit.capacity)
  }

  /// Where latency has no bound any more. Only as good as its interval: nil unless a load beyond
  /// it was tried.
  package var capacity: RateEstimate? {
    guard isSaturationSeen else { return nil }
    return RateEstimate(
      rate: Rate(perSecond: fit.capacity), interval: Self.interval(redrawn.map(\.capacity)))
  }

  /// The load with the greatest ratio of throughput to median latency (Kleinrock's power): beyond
  /// it, latency grows faster than throughput. Nil where it lies outside the measured loads.
  package var knee: Rate? {
    fit.p50.knee.map(Rate.init(perSecond:)).flatMap { loads.contains($0) ? $0 : nil }
  }

  /// The greatest load at which the 99th percentile keeps a bound in milliseconds; nil where the
  /// answer lies outside the measured loads.
  package func greatestRate(holding p99Max: Double) -> RateEstimate? {
    guard let load = fit.p99.load(reaching: p99Max), loads.contains(Rate(perSecond: load)) else {
      return nil
    }
    let range = loads.lowerBound.perSecond...loads.upperBound.perSecond
    let others = redrawn.map { other in
      let load = other.p99.load(reaching: p99Max)
      // Without an answer the bound lies below the whole curve, or above all of it.
      let edge = other.p99.base > p99Max ? range.lowerBound : range.upperBound
      return min(max(load ?? edge, range.lowerBound), range.upperBound)
    }
    let interval = Self.interval(others)
    return RateEstimate(
      rate: Rate(perSecond: load),
      interval: Interval(lower: min(interval.lower, load), upper: max(interval.upper, load)))
  }

  /// `count` places from the least to the greatest sustained load, evenly spaced.
  package func points(count: Int) -> [Point] {
    let (low, high) = (loads.lowerBound.perSecond, loads.upperBound.perSecond)
    let intervals = low < high ? max(count - 1, 0) : 0
    guard count > 0 else { return [] }
    return (0...intervals).compactMap { index in
      let share = intervals == 0 ? 1 : Double(index) / Double(intervals)
      let load = Rate(perSecond: index == intervals ? high : low + (high - low) * share)
      guard let p50 = latencyP50(at: load), let p99 = latencyP99(at: load),
        let throughput = throughput(at: load)
      else { return nil }
      return Point(load: load, throughput: throughput, p50: p50, p99: p99)
    }
  }

  private func latency(
    at load: Rate, _ curve: KeyPath<CurveFit, QueueingCurve>
  ) -> Latency? {
    guard loads.contains(load) else { return nil }
    let value = fit[keyPath: curve].value(at: load.perSecond)
    let interval = Self.interval(redrawn.map { $0[keyPath: curve].value(at: load.perSecond) })
    return Latency(
      value: value,
      interval: Interval(lower: min(interval.lower, value), upper: max(interval.upper, value)))
  }

  /// From the 5th to the 95th percentile.
  private static func interval(_ values: [Double]) -> Interval {
    let sorted = values.sorted()
    let edge = Int(0.05 * Double(sorted.count))
    return Interval(lower: sorted[edge], upper: sorted[sorted.count - 1 - edge])
  }
}

extension LoadStep {
  fileprivate var isUsable: Bool {
    let numbers = [offeredRate, achievedRate, latencies.p50, latencies.p99]
    return requests > 0 && numbers.allSatisfy { $0.isFinite && $0 > 0 }
  }

  /// Whether the load was carried, whatever its latency.
  fileprivate var isSustained: Bool { achievedRate >= 0.97 * offeredRate && errorRate < 0.03 }

  /// The standard deviation of the logarithm of the 99th percentile: from its interval, which is
  /// 3.29 of them wide, or from the number of requests.
  fileprivate var tailNoise: Double {
    if let interval = latencyP99Interval, interval.lower > 0, interval.upper >= interval.lower {
      return min(max(log(interval.upper / interval.lower) / 3.29, 0.03), 0.5)
    }
    return min(max(4 / Double(requests).squareRoot(), 0.1), 0.5)
  }

  fileprivate var medianNoise: Double { min(max(1.5 / Double(requests).squareRoot(), 0.03), 0.3) }
}
