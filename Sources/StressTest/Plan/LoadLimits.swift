package import Tuning

/// What must hold under a load for it to be sustained.
package struct LoadLimits: Hashable, Sendable {
  /// Bounds on metrics that a load step has; others are none of the stress test's business.
  package let constraints: [Constraint]
  /// The share of requests without a right answer, from 0 to 1; the constraint on `error_rate`
  /// where there is one.
  package let errorRateMax: Double

  package init(constraints: [Constraint], errorRateMax: Double = 0.01) {
    self.constraints = constraints.filter { $0.metric != .errorRate }
    self.errorRateMax =
      constraints.first { $0.metric == .errorRate }.map(\.maximum) ?? errorRateMax
  }

  /// The share of the offered load that must be achieved.
  package static let achievedShareMin = 0.97

  /// Whether the step meets every bound. Errors allowed for aren't held against what it achieved.
  package func hold(_ step: LoadStep) -> Bool {
    holdsButForLatency(step) && unknown(in: step) == nil && pressure(of: step) ?? 0 <= 1
  }

  /// Whether the step's load was achieved, with errors within their bound.
  func holdsButForLatency(_ step: LoadStep) -> Bool {
    let allowed = min(step.errorRate, errorRateMax)
    return step.requests > 0 && step.errorRate <= errorRateMax
      && step.achievedRate >= (Self.achievedShareMin - allowed) * step.offeredRate
  }

  /// The greatest ratio of a latency to its bound: above 1 where one is broken; nil where no
  /// latency is bounded.
  package func pressure(of step: LoadStep) -> Double? {
    constraints.compactMap { constraint in
      step.latency(constraint.metric).map { $0 / constraint.maximum }
    }.max()
  }

  /// A bounded metric that the step doesn't have: no answer came in pieces.
  private func unknown(in step: LoadStep) -> Metric? {
    constraints.map(\.metric).first { $0.isOfGeneration && step.latency($0) == nil }
  }

  /// The tightest bound on a latency, in milliseconds; nil where none is bounded.
  package var latencyMax: Double? {
    constraints.filter { Metric.latencies.contains($0.metric) }.map(\.maximum).min()
  }

  /// The first bound that a step breaks, as a sentence; nil when it breaks none.
  package func breach(in step: LoadStep) -> String? {
    if step.errorRate > errorRateMax {
      let kinds = step.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      return "\(step.errors.values.reduce(0, +)) of \(step.requests) requests failed (\(kinds))"
    }
    if let metric = unknown(in: step) {
      return "\(metric) isn't known, since no answer came in pieces: the body needs "
        + "\"stream\": true, and more than one token must be asked for"
    }
    for constraint in constraints {
      guard let latency = step.latency(constraint.metric), latency > constraint.maximum else {
        continue
      }
      return
        "\(constraint.metric) was \(Self.short(latency)), above \(Self.short(constraint.maximum))"
    }
    return step.holds
      ? nil
      : "requests piled up: \(Self.short(step.achievedRate)) of "
        + "\(Self.short(step.offeredRate)) requests per second were answered"
  }

  /// With one decimal where that matters.
  static func short(_ number: Double) -> String {
    guard abs(number) < 1e15 else { return String(number) }
    let rounded = (number * 10).rounded() / 10
    return abs(rounded) >= 100 || rounded == rounded.rounded()
      ? String(Int(rounded.rounded())) : String(rounded)
  }
}

extension Metric {
  static let latencies: [Metric] = [
    .latencyMean, .latencyP50, .latencyP90, .latencyP95, .latencyP99,
  ]
}

extension LoadStep {
  /// The latency that a metric names, in milliseconds; nil for any other metric.
  package func latency(_ metric: Metric) -> Double? {
    switch metric {
    case .latencyMean: latencies.mean
    case .latencyP50: latencies.p50
    case .latencyP90: latencies.p90
    case .latencyP95: latencies.p95
    case .latencyP99: latencies.p99
    default: generation?[metric]
    }
  }
}
