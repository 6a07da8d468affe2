/// By how much the exceedances of a bound cluster: the variance of their count over that of
/// independent requests, from their counts in blocks of consecutive requests. Windows add up.
///
/// Blocks that are hardly longer than a burst hide a part of the variance, in proportion to
/// 1/length: what five and ten blocks of each window say is extrapolated to ever longer ones. It is
/// the bound that is looked at, not a lower level as in `Autocorrelation`: where several workers
/// serve, one long service lifts one latency over a low level, but over the bound it is long waits
/// that do, and those come in bursts. (With four workers the lower level sees a half of it.)
package struct ExceedanceClusters: Hashable, Sendable {
  /// Of one request, times the requests: with few blocks, with twice as many, and if independent.
  private var few = 0.0
  private var many = 0.0
  private var independent = 0.0

  /// Nothing known.
  package init() {}

  /// - Parameter exceeds: of requests in the order of their intended starts.
  init(_ exceeds: [Bool]) {
    guard exceeds.count >= 8 * Self.blocks else { return }
    let share = Double(exceeds.count { $0 }) / Double(exceeds.count)
    independent = share * (1 - share) * Double(exceeds.count)
    few = Self.variance(of: exceeds, blocks: Self.blocks)
    many = Self.variance(of: exceeds, blocks: 2 * Self.blocks)
  }

  private static let blocks = 5

  private static func variance(of exceeds: [Bool], blocks: Int) -> Double {
    let length = exceeds.count / blocks
    let counts = (0..<blocks).map { block in
      Double(exceeds[block * length..<(block + 1) * length].count { $0 })
    }
    let mean = counts.reduce(0, +) / Double(blocks)
    let squares = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return squares / Double(blocks - 1) * Double(blocks)
  }

  /// - Parameter weight: of the other window's requests.
  mutating func add(_ other: ExceedanceClusters, weight: Double) {
    few += weight * other.few
    many += weight * other.many
    independent += weight * other.independent
  }

  /// How many requests say as much of the bound as one independent one; at least 1.
  var inflation: Double {
    guard independent > 0 else { return 1 }
    return max(max(few, 2 * few - many) / independent, 1)
  }
}
