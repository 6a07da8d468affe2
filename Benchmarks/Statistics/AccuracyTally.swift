import QueueSimulation
import StressTest

/// How often intervals held what theory says, over runs on one server.
struct AccuracyTally {
  /// Of mean, median and p99, in milliseconds.
  private let truths: [Double]
  private var held = [0, 0, 0]
  /// Runs in which all three were held.
  private(set) var allHeld = 0
  private var widths = [0.0, 0, 0]
  private var biases = [0.0, 0, 0]
  private(set) var runs = 0

  init(_ law: QueueLaw) {
    truths = [law.mean, law.quantile(0.5), law.quantile(0.99)].map { 1_000 * $0 }
  }

  static let title =
    Column.left("server", 16) + "   mean    p50    p99    all   width of mean    p50    p99"
    + "   bias of mean    p50    p99"

  /// - Parameter slack: in milliseconds; simulated times are whole nanoseconds.
  mutating func add(_ latencies: LatencyEstimates, slack: Double = 1e-6) {
    var count = 0
    for (index, path) in [\LatencyEstimates.mean, \.p50, \.p99].enumerated() {
      let estimate = latencies[keyPath: path]
      let (lower, upper) = (estimate.lower ?? 0, estimate.upper ?? .infinity)
      let isHeld = lower <= truths[index] + slack && truths[index] <= upper + slack
      held[index] += isHeld ? 1 : 0
      count += isHeld ? 1 : 0
      widths[index] += min((upper - lower) / truths[index], 10)
      biases[index] += (estimate.value ?? 0) / truths[index] - 1
    }
    allHeld += count == truths.count ? 1 : 0
    runs += 1
  }

  func row(_ name: String) -> String {
    let share = 100 / Double(max(runs, 1))
    return Column.left(name, 16)
      + (held + [allHeld]).map { Column.number(share * Double($0), 1, 7) }.joined()
      + "         " + widths.map { Column.number(share * $0, 1, 7) }.joined()
      + "        " + biases.map { Column.number(share * $0, 2, 7) }.joined()
  }
}
