import Tuning

/// What the generated answers of a window were, request by request.
struct GenerationSeries {
  /// In milliseconds. A request that failed had no first token before its end.
  private let firstTokens: [Double]
  private let gaps: [Double]
  private let perToken: [Double]
  private let outputTokens: [Double]
  private let inputTokens: [Double]

  /// Nil where no answer was generated.
  init?(_ requests: ArraySlice<RequestRecord>) {
    let generations = requests.compactMap(\.generation)
    guard !generations.isEmpty else { return nil }
    let isStreamed = generations.contains { !$0.arrivals.isEmpty }
    firstTokens =
      isStreamed
      ? requests.map { request in
        let arrival = request.generation?.arrivals.first.map { $0 + request.scheduleLag }
        return Double(arrival ?? request.latency) * 1e-6
      } : []
    gaps = generations.flatMap(\.gaps)
    perToken = generations.compactMap(\.timePerOutputToken)
    outputTokens = generations.compactMap { $0.outputTokens.map(Double.init) }
    inputTokens = generations.compactMap { $0.inputTokens.map(Double.init) }
  }

  private func perSecond(_ seconds: Double) -> Double? {
    outputTokens.isEmpty ? nil : outputTokens.reduce(0, +) / max(seconds, 1e-9)
  }

  /// - Parameter seconds: in which the answers were given.
  func step(seconds: Double) -> LoadStep.Generation {
    func spread(_ values: [Double]) -> LoadStep.Generation.Spread? {
      values.isEmpty ? nil : LatencySeries(values).quantiles
    }
    var step = LoadStep.Generation()
    step.firstToken = spread(firstTokens)
    step.betweenTokens = spread(gaps)
    step.perOutputToken = spread(perToken)
    step.outputTokens = spread(outputTokens)
    step.inputTokens = spread(inputTokens)
    step.outputTokensPerSecond = perSecond(seconds)
    return step
  }

  func estimates(seconds: Double) -> GenerationEstimates {
    var estimates = GenerationEstimates()
    estimates.firstToken = LatencySeries(firstTokens).estimates
    estimates.betweenTokens = LatencySeries(gaps).estimates
    estimates.perOutputToken = LatencySeries(perToken).estimates
    estimates.outputTokens = LatencySeries(outputTokens).estimates
    estimates.inputTokens = LatencySeries(inputTokens).estimates
    estimates.outputTokensPerSecond = perSecond(seconds)
    return estimates
  }
}

/// What generated answers were, each number with its interval: times in milliseconds, counts in
/// tokens.
package struct GenerationEstimates: Hashable, Sendable, Codable {
  package var firstToken = LatencyEstimates()
  package var betweenTokens = LatencyEstimates()
  package var perOutputToken = LatencyEstimates()
  package var outputTokens = LatencyEstimates()
  package var inputTokens = LatencyEstimates()
  package var outputTokensPerSecond: Double?

  package init() {}

  private typealias CodingKeys = LoadStep.Generation.CodingKeys

  private static var parts: [WritableKeyPath<Self, LatencyEstimates>] {
    [\.firstToken, \.betweenTokens, \.perOutputToken, \.outputTokens, \.inputTokens]
  }

  /// Several windows as one; nil where none has any.
  static func mean(of windows: [(generation: GenerationEstimates?, weight: Double)]) -> Self? {
    let known = windows.compactMap { window in
      window.generation.map { (estimates: $0, weight: window.weight) }
    }
    guard !known.isEmpty else { return nil }
    var result = GenerationEstimates()
    for path in parts {
      result[keyPath: path] = .mean(of: known.map { ($0.estimates[keyPath: path], $0.weight) })
    }
    let rates = known.compactMap { window in
      window.estimates.outputTokensPerSecond.map { ($0, window.weight) }
    }
    let total = rates.reduce(0) { $0 + $1.1 }
    if total > 0 {
      result.outputTokensPerSecond = rates.reduce(0) { $0 + $1.0 * $1.1 } / total
    }
    return result
  }
}

// MARK: - Goodput

extension LoadLimits {
  /// The share of requests that got a right answer within the bounds, each by itself: of several
  /// bounds on one kind of time the widest counts, and bounds on the time between tokens hold for
  /// its mean over the answer. Nil where no time is bounded.
  func goodput(of requests: ArraySlice<RequestRecord>) -> Double? {
    func bound(_ prefix: String) -> Double? {
      constraints.filter { $0.metric.name.hasPrefix(prefix) }.map(\.maximum).max()
    }
    let bounds = (
      latency: bound("latency_"), first: bound("ttft_"), gap: bound("itl_"), token: bound("tpot_")
    )
    let all = [bounds.latency, bounds.first, bounds.gap, bounds.token]
    guard all.contains(where: { $0 != nil }), !requests.isEmpty else { return nil }
    let good = requests.count { request in
      guard request.result == .success else { return false }
      let generation = request.generation
      let first = generation?.arrivals.first.map { Double($0 + request.scheduleLag) * 1e-6 }
      let gaps = generation?.gaps ?? []
      let gap = gaps.isEmpty ? 0 : gaps.reduce(0, +) / Double(gaps.count)
      return request.milliseconds <= bounds.latency ?? .infinity
        && first ?? request.milliseconds <= bounds.first ?? .infinity
        && gap <= bounds.gap ?? .infinity
        && generation?.timePerOutputToken ?? 0 <= bounds.token ?? .infinity
    }
    return Double(good) / Double(requests.count)
  }
}
