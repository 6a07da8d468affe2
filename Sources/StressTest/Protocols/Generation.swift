/// What a generated answer tells beside its end.
package final class Generation: Sendable {
  /// When each piece with content came, in nanoseconds after the request was sent; rising. Empty
  /// for an answer that came whole.
  package let arrivals: [Int64]
  /// By the server's count; nil where it gives none.
  package let inputTokens: Int?
  /// By the server's count, else as many as there were pieces; nil for an answer that came whole
  /// without a count.
  package let outputTokens: Int?

  package init(arrivals: [Int64], inputTokens: Int?, outputTokens: Int?) {
    self.arrivals = arrivals
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens ?? (arrivals.isEmpty ? nil : arrivals.count)
  }

  /// Between pieces, in milliseconds.
  package var gaps: [Double] {
    zip(arrivals.dropFirst(), arrivals).map { Double($0 - $1) * 1e-6 }
  }

  /// The mean time of a token after the first one, in milliseconds; nil where there is no other,
  /// or all came in one piece.
  package var timePerOutputToken: Double? {
    guard let first = arrivals.first, let last = arrivals.last, arrivals.count > 1,
      let outputTokens, outputTokens > 1
    else { return nil }
    return Double(last - first) * 1e-6 / Double(outputTokens - 1)
  }
}

extension Generation: Hashable {
  package static func == (left: Generation, right: Generation) -> Bool {
    left.arrivals == right.arrivals && left.inputTokens == right.inputTokens
      && left.outputTokens == right.outputTokens
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(arrivals)
    hasher.combine(inputTokens)
    hasher.combine(outputTokens)
  }
}
