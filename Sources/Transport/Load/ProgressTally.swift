import Glibc
import StressTest

/// Counts what a window does for whoever watches, at next to no cost for each request.
struct ProgressTally {
  private static let interval: Int64 = 250_000_000
  /// Latencies fall into classes a tenth apart, from a microsecond on.
  private static let classRatio = 1.1
  private static let classCount = 220
  private static let classWidth = log(classRatio)

  private let tell: @Sendable (WindowProgress) -> Void
  /// In nanoseconds after the window's start.
  private(set) var nextReport = interval
  private var succeeded = 0
  private var failed = 0
  /// Of this interval and the three before.
  private var classes = Array(repeating: [Int](repeating: 0, count: classCount), count: 4)
  private var current = 0

  init(_ tell: @escaping @Sendable (WindowProgress) -> Void) { self.tell = tell }

  mutating func add(latency: Int64, _ result: RequestResult) {
    if result == .success { succeeded += 1 } else { failed += 1 }
    let microseconds = Double(max(latency, 1_000)) * 1e-3
    let position = Int(log(microseconds) / Self.classWidth)
    classes[current][min(position, Self.classCount - 1)] += 1
  }

  mutating func report(_ now: Int64, sent: Int) {
    guard now >= nextReport else { return }
    tell(
      WindowProgress(
        elapsed: .nanoseconds(now), sent: sent, succeeded: succeeded, failed: failed,
        recentP50: quantile(0.5), recentP99: quantile(0.99)))
    nextReport = now + Self.interval
    current = (current + 1) % classes.count
    classes[current] = [Int](repeating: 0, count: Self.classCount)
  }

  private func quantile(_ share: Double) -> Double? {
    let counts = (0..<Self.classCount).map { position in
      classes.reduce(0) { $0 + $1[position] }
    }
    var left = Int((Double(counts.reduce(0, +)) * share).rounded(.up))
    guard left > 0 else { return nil }
    for (position, count) in counts.enumerated() {
      left -= count
      if left <= 0 { return pow(Self.classRatio, Double(position) + 0.5) * 1e-3 }
    }
    return nil
  }
}
