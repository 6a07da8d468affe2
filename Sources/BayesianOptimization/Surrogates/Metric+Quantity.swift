import Tuning

extension Metric {
  /// What kind of thing a metric measures. Judged by its name, and no more than a first guess: what it
  /// gets wrong is learned.
  enum Quantity: Sendable {
    /// Of rates the slowest stage decides.
    case rate
    /// Of times, all stages make the sum.
    case time
    /// Known to the digit.
    case price
    case other

    /// The usual exponent of the metric in a parameter of some role; nil where there is none.
    ///
    /// Rounded means over the tables of 31 services that others recorded (least squares of logarithms):
    /// in batch size, concurrency and processes rates go with 0.4 ± 0.2 and times with 0.55 ± 0.2, in
    /// GPUs and slices of them with 0.45 ± 0.25 and −0.45 ± 0.3. In the memory bandwidth of NVIDIA's cards
    /// they go with 0.8 ± 0.3 and −0.8 ± 0.3; less is expected, since where something else decides the card
    /// matters less, and the tables are of models that keep one busy.
    func usualExponent(of role: Parameter.Role) -> Double? {
      switch (self, role) {
      case (.rate, .workAtOnce): 0.4
      case (.time, .workAtOnce): 0.55
      case (.rate, .computing): 0.5
      case (.time, .computing): -0.45
      case (.rate, .accelerator): 0.6
      case (.time, .accelerator): -0.5
      default: nil
      }
    }
  }

  var quantity: Quantity {
    if name.contains("throughput") || ["_rps", "_qps", "_tok_s"].contains(where: name.hasSuffix) {
      return .rate
    }
    if name.contains("cost") || name.contains("price") { return .price }
    return Self.times.contains { name.contains($0) } ? .time : .other
  }

  private static let times = ["latency", "ttft", "tpot", "itl", "p50", "p90", "p95", "p99"]
}
