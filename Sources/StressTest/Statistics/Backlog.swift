/// Whether requests pile up in the course of a window.
///
/// Counting who is in flight is of no use at exactly the capacity, where the queue grows like the
/// square root of time; the latency of successive blocks shows it there too.
package struct Backlog: Sendable {
  /// By how much the latency grows from the window's start to its end, in milliseconds; 0 unless
  /// it rises steadily.
  package let latencyGrowth: Double
  /// Kendall's τ of the blocks' median latencies with time: 1 when each is above those before.
  package let trend: Double
  /// Mean latency of the latter half over that of the first.
  package let halvesRatio: Double
  /// The tenth percentile of the latter half over that of the first quarter, which began with an
  /// empty queue: near 1 as long as the queue drains now and then.
  package let floorsRatio: Double

  /// - Parameter latencies: in the order of the intended starts, in milliseconds.
  package init(latencies: [Double]) {
    guard latencies.count >= 3 * Self.blockCount else {
      (latencyGrowth, trend, halvesRatio, floorsRatio) = (0, 0, 1, 1)
      return
    }
    let count = latencies.count
    let blocks = (0..<Self.blockCount).map { block in
      let part = latencies[
        block * count / Self.blockCount..<(block + 1) * count / Self.blockCount]
      return OrderedValues(Array(part)).quantile(0.5)
    }
    trend = Self.kendallTau(blocks)
    let early = Self.mean(latencies[..<(count / 4)])
    let late = Self.mean(latencies[(count - count / 4)...])
    // The middles of the first and the last quarter are three quarters of the window apart.
    latencyGrowth = trend >= Self.trendNoticed ? max(late - early, 0) * 4 / 3 : 0
    let firstHalf = Self.mean(latencies[..<(count / 2)])
    halvesRatio = firstHalf > 0 ? Self.mean(latencies[(count / 2)...]) / firstHalf : 1
    let floor = OrderedValues(Array(latencies[..<(count / 4)])).quantile(0.1)
    let laterFloor = OrderedValues(Array(latencies[(count / 2)...])).quantile(0.1)
    floorsRatio = floor > 0 ? laterFloor / floor : 1
  }

  /// Whether the backlog grows in a window of `seconds`: its latency rises steadily, or it never
  /// drained in the latter half. At exactly the capacity the queue is empty late in every other
  /// window (the arcsine law), which no test can tell from a load that is carried.
  package func isGrowing(over seconds: Double) -> Bool {
    let shortfall = 1 - seconds / (seconds + latencyGrowth / 1_000)
    return (trend >= Self.trendConvincing && halvesRatio >= 1.5 && shortfall > 0.03)
      || (floorsRatio > 3 && halvesRatio >= 1.5)
  }

  private static let blockCount = 8
  /// With eight independent blocks, exceeded by chance about once in ten and in fifty windows.
  private static let trendNoticed = 0.4
  private static let trendConvincing = 0.6

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  private static func kendallTau(_ values: [Double]) -> Double {
    var score = 0
    for later in values.indices {
      for earlier in values[..<later] {
        score += earlier < values[later] ? 1 : earlier > values[later] ? -1 : 0
      }
    }
    return Double(score) / Double(values.count * (values.count - 1) / 2)
  }
}
