/// The part of a series before it is steady.
package enum WarmUp {
  /// How many leading values to drop: at most half of them, and none unless the beginning
  /// differs from the rest throughout, so that a stall in mid-window is never mistaken for it.
  ///
  /// MSER-5: K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state
  /// truncation heuristics for simulation", WSC 2000: of all truncations take the one after
  /// which the mean of the batches of five has the least standard error.
  package static func length(of values: [Double]) -> Int {
    let batches = batchMeans(of: values)
    guard batches.count >= 8 else { return 0 }
    let dropped = truncation(of: batches)
    guard dropped > 0, isTransient(batches, upTo: dropped) else { return 0 }
    return dropped * batchSize
  }

  private static let batchSize = 5

  private static func batchMeans(of values: [Double]) -> [Double] {
    (0..<values.count / batchSize).map { batch in
      values[batch * batchSize..<(batch + 1) * batchSize].reduce(0, +) / Double(batchSize)
    }
  }

  private static func truncation(of batches: [Double]) -> Int {
    let center = batches.reduce(0, +) / Double(batches.count)
    var sum = 0.0
    var squares = 0.0
    var best = (dropped: 0, error: Double.infinity)
    for dropped in batches.indices.reversed() {
      let value = batches[dropped] - center
      sum += value
      squares += value * value
      guard dropped <= batches.count / 2 else { continue }
      let kept = Double(batches.count - dropped)
      let error = max(squares - sum * sum / kept, 0) / (kept * kept)
      if error <= best.error { best = (dropped, error) }
    }
    return best.dropped
  }

  /// Whether the dropped batches lie outside what is usual among the kept ones: mostly below, as
  /// in a queue that starts empty, or mostly above and from the very first, as in a cold server.
  private static func isTransient(_ batches: [Double], upTo dropped: Int) -> Bool {
    let middle = OrderedValues(Array(batches[..<dropped])).quantile(0.5)
    let kept = OrderedValues(Array(batches[dropped...]))
    let high = kept.quantile(0.95)
    return middle < kept.quantile(0.05) || (middle > high && batches[0] > high)
  }
}
