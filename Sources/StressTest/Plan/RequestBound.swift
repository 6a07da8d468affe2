package import Tuning

/// A bound as single requests keep it: at most so large a share of them may exceed it.
///
/// Quantiles, errors and (as the share of requests that keep all of their bounds) goodput are of
/// this form; a bound on a mean isn't.
package struct RequestBound: Hashable, Sendable {
  /// What of a request is held against the bound.
  package enum Measure: Hashable, Sendable {
    /// Milliseconds from the intended start. A request that failed in any other way than by taking
    /// too long has none.
    case latency
    /// 1 without a right answer, else 0.
    case failure

    package func value(of request: RequestRecord) -> Double? {
      switch self {
      case .latency:
        request.result == .success || request.result == .timedOut ? request.milliseconds : nil
      case .failure: request.result == .success ? 0 : 1
      }
    }
  }

  package let measure: Measure
  package let maximum: Double
  /// From 0 to 1, both excluded: 0.01 for a 99th percentile.
  package let share: Double

  init(_ measure: Measure, maximum: Double, share: Double) {
    self.measure = measure
    self.maximum = maximum
    self.share = min(max(share, 1e-6), 1 - 1e-6)
  }
}

extension LoadLimits {
  /// Every bound that single requests keep or break: on quantiles, in order, and on errors last.
  package var requestBounds: [RequestBound] {
    constraints.compactMap { constraint in
      constraint.metric.exceedanceShare.map {
        RequestBound(.latency, maximum: constraint.maximum, share: $0)
      }
    } + (errorRateMax < 1 ? [RequestBound(.failure, maximum: 0.5, share: errorRateMax)] : [])
  }
}

extension Metric {
  /// The share of requests that may exceed a bound on the metric; nil where that is not how the
  /// metric is defined.
  package var exceedanceShare: Double? {
    switch self {
    case .latencyP50: 0.5
    case .latencyP90: 0.1
    case .latencyP95: 0.05
    case .latencyP99: 0.01
    default: nil
    }
  }
}

/// How many requests of a window exceeded a bound.
package struct Exceedances: Hashable, Sendable {
  package var bound: RequestBound
  package var count: Int
  package var requests: Int
  package var clusters = ExceedanceClusters()
  /// The same of half the bound, which says more of how far the edge is than the few that exceed it;
  /// nil where it isn't known.
  package var ofHalf: Half?

  package struct Half: Hashable, Sendable {
    package let count: Int
    package let clusters: ExceedanceClusters
  }

  package init(_ bound: RequestBound, count: Int, of requests: Int) {
    self.bound = bound
    self.count = count
    self.requests = requests
  }

  /// - Parameter records: in the order of their intended starts.
  init(_ bound: RequestBound, in records: some Sequence<RequestRecord>) {
    let values = records.compactMap { bound.measure.value(of: $0) }
    let exceeds = values.map { $0 > bound.maximum }
    self.init(bound, count: exceeds.count { $0 }, of: exceeds.count)
    clusters = ExceedanceClusters(exceeds)
    guard bound.measure == .latency else { return }
    let nearly = values.map { $0 > bound.maximum / 2 }
    ofHalf = Half(count: nearly.count { $0 }, clusters: ExceedanceClusters(nearly))
  }

  package var share: Double { requests > 0 ? Double(count) / Double(requests) : 0 }
}
