import ArgumentParser

/// How often the statistics of a stress test are right, where the truth is known.
@main
struct StatisticsBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics-benchmark",
    abstract: "How often a stress test's verdicts, intervals and capacities are right.",
    subcommands: [
      VerdictsBenchmark.self, AccuracyBenchmark.self, LiveAccuracyBenchmark.self,
      CapacityBenchmark.self,
    ])
}

/// Text in columns.
enum Column {
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  /// With so many decimals.
  static func number(_ value: Double, _ decimals: Int, _ width: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return right("\(value)", width) }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let rounded = Int((abs(value) * scale).rounded())
    let sign = value < 0 && rounded > 0 ? "-" : ""
    let whole = "\(sign)\(rounded / Int(scale))"
    guard decimals > 0 else { return right(whole, width) }
    let digits = "\(rounded % Int(scale))"
    let fraction = String(repeating: "0", count: decimals - digits.count) + digits
    return right(whole + "." + fraction, width)
  }
}
