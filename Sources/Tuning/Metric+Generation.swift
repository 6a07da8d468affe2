/// Metrics of servers that generate their answers piece by piece.
extension Metric {
  /// From the intended start to the first piece with content (time to first token), between two
  /// pieces of an answer (inter-token latency), and of a token after the first one, on average over
  /// its answer (time per output token).
  private static let generationKinds = ["ttft", "itl", "tpot"]
  private static let statistics = ["mean", "p50", "p90", "p95", "p99"]

  /// Times, such as `ttft_p99_ms`.
  package static let generationTimes: [Metric] = generationKinds.flatMap { kind in
    statistics.map { Metric("\(kind)_\($0)_ms") }
  }

  /// The part of these that counts from the intended start.
  package static let firstTokenTimes = generationTimes.filter { $0.name.hasPrefix("ttft") }

  /// Tokens of right answers in each second.
  package static let outputTokensPerSecond: Metric = "output_tokens_per_second"
  /// Tokens of a right answer on average.
  package static let outputTokensMean: Metric = "output_mean_tokens"
  /// Tokens of the request of a right answer on average.
  package static let inputTokensMean: Metric = "input_mean_tokens"

  /// What a stress test reports beside, where answers are generated.
  package static let reportedOfGeneration =
    generationTimes + [outputTokensPerSecond, outputTokensMean, inputTokensMean]

  /// Whether it is known of generated answers alone.
  package var isOfGeneration: Bool { Self.reportedOfGeneration.contains(self) }
}

extension LoadStep {
  /// What answers that were generated tell beside their latency.
  package struct Generation: Hashable, Sendable, Codable {
    /// The same numbers of times in milliseconds, and of counts of tokens.
    package typealias Spread = Latencies

    /// From the intended start; nil where answers came whole, as the next two are.
    package var firstToken: Spread?
    package var betweenTokens: Spread?
    package var perOutputToken: Spread?
    /// Nil where nobody counts.
    package var outputTokens: Spread?
    package var inputTokens: Spread?
    package var outputTokensPerSecond: Double?

    package init() {}

    /// Those of `GenerationEstimates` too.
    package enum CodingKeys: String, CodingKey {
      case firstToken = "ttft_ms"
      case betweenTokens = "itl_ms"
      case perOutputToken = "tpot_ms"
      case outputTokens = "output_tokens"
      case inputTokens = "input_tokens"
      case outputTokensPerSecond = "output_tokens_per_second"
    }

    /// The number that a metric names; nil where it isn't known, and for any other metric.
    package subscript(metric: Metric) -> Double? {
      switch metric {
      case .outputTokensPerSecond: return outputTokensPerSecond
      case .outputTokensMean: return outputTokens?.mean
      case .inputTokensMean: return inputTokens?.mean
      default: break
      }
      let words = metric.name.split(separator: "_")
      guard metric.isOfGeneration, words.count == 3 else { return nil }
      let spread =
        switch words[0] {
        case "ttft": firstToken
        case "itl": betweenTokens
        default: perOutputToken
        }
      return switch words[1] {
      case "mean": spread?.mean
      case "p50": spread?.p50
      case "p90": spread?.p90
      case "p95": spread?.p95
      default: spread?.p99
      }
    }
  }

  /// Of the metrics that some steps have: goodput, and those of generated answers.
  package func number(_ metric: Metric) -> Double? {
    metric == .goodput ? goodput : generation?[metric]
  }
}
