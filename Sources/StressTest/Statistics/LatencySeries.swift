import Glibc
import Tuning

/// Latencies in milliseconds in the order of the intended starts, and what they say.
struct LatencySeries {
  let ordered: OrderedValues
  /// How many independent latencies would fix a high quantile as well.
  let effectiveCount: Int
  private(set) var quantiles: LoadStep.Latencies
  private(set) var estimates = LatencyEstimates()

  init(_ series: [Double]) {
    let ordered = OrderedValues(series)
    let count = max(Autocorrelation.effectiveCount(of: series), 1)
    self.ordered = ordered
    effectiveCount = count
    quantiles = LoadStep.Latencies(
      mean: series.isEmpty ? 0 : series.reduce(0, +) / Double(series.count),
      p50: ordered.quantile(0.5, effectiveCount: count),
      p90: ordered.quantile(0.9, effectiveCount: count),
      p95: ordered.quantile(0.95, effectiveCount: count),
      p99: ordered.quantile(0.99, effectiveCount: count),
      max: ordered.values.last ?? 0)
    guard !series.isEmpty else { return }
    estimates.mean = BatchMeans(series).estimate
    // The median is crossed for longer than a high level is.
    let middleCount = min(count, Autocorrelation.effectiveCount(of: series, levels: [0.5]))
    estimates.p50 = estimate(0.5, quantiles.p50, effectiveCount: middleCount)
    estimates.p90 = estimate(0.9, quantiles.p90)
    estimates.p95 = estimate(0.95, quantiles.p95)
    estimates.p99 = estimate(0.99, quantiles.p99)
    if series.count >= 1_000 {
      estimates.p999 = estimate(0.999, ordered.quantile(0.999, effectiveCount: count))
    }
    estimates.max.value = quantiles.max
  }

  private func estimate(
    _ probability: Double, _ value: Double, effectiveCount count: Int? = nil
  ) -> Estimate {
    let independent = max(Int(Double(count ?? effectiveCount) / Self.estimatedCountPenalty), 1)
    let interval = ordered.interval(
      ofQuantile: probability, effectiveCount: independent, tail: 0.025)
    return Estimate(
      value: value, lower: interval.map { min($0.lower, value) },
      upper: interval.map { max($0.upper, value) })
  }

  /// How many values are independent is itself estimated, from ten blocks: (t/z)², where t is the
  /// 97.5th percentile of Student's distribution with nine degrees of freedom, and z the normal one.
  private static let estimatedCountPenalty = 1.33

  /// The greater of each number, so that a request that failed fast never improves one and a
  /// request that timed out worsens it.
  func worst(with other: LatencySeries) -> LatencySeries {
    var worst = quantiles.p99 >= other.quantiles.p99 ? self : other
    let (left, right) = (quantiles, other.quantiles)
    worst.quantiles = LoadStep.Latencies(
      mean: max(left.mean, right.mean), p50: max(left.p50, right.p50),
      p90: max(left.p90, right.p90), p95: max(left.p95, right.p95),
      p99: max(left.p99, right.p99), max: max(left.max, right.max))
    for (_, path) in LatencyEstimates.parts {
      let pair = (estimates[keyPath: path], other.estimates[keyPath: path])
      worst.estimates[keyPath: path] =
        pair.0.value ?? 0 >= pair.1.value ?? 0 ? pair.0 : pair.1
    }
    return worst
  }
}
