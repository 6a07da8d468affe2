package import Tuning

/// What the command line says beside the manifest; it wins.
package struct Overrides: Hashable, Sendable {
  /// Bounds, each replacing the manifest's on the same metric.
  package var bounds: [Bound]
  package var budget: Budget?
  package var parallelism: Int?
  package var objective: Objective?

  package init(
    bounds: [Bound] = [], budget: Budget? = nil, parallelism: Int? = nil,
    objective: Objective? = nil
  ) {
    self.bounds = bounds
    self.budget = budget
    self.parallelism = parallelism
    self.objective = objective
  }

  /// A bound as `--slo` gives it: `p99=50ms`, `error-rate=0.1%`.
  package struct Bound: Hashable, Sendable {
    package let metric: Metric
    package let maximum: Double

    package init(_ text: String) throws(OptionError) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw OptionError(
          option: "--slo", found: "\"\(text)\"", needed: "write METRIC=BOUND, like p99=50ms")
      }
      let metric = MetricName.metric(String(parts[0]))
      guard let maximum = MetricName.bound(String(parts[1]), on: metric) else {
        throw OptionError(
          option: "--slo", found: "\"\(parts[1])\" for \(metric)",
          needed: MetricName.boundHint(metric))
      }
      self.metric = metric
      self.maximum = maximum
    }
  }

  /// `throughput_rps / cost`, or the same after `maximize` or `minimize`.
  package static func objective(_ text: String) throws(OptionError) -> Objective {
    let words = text.split(separator: " ", maxSplits: 1)
    let direction = words.first.flatMap { Objective.Direction(rawValue: String($0)) }
    let expression = direction == nil ? text : words.dropFirst().joined()
    do {
      return Objective(direction ?? .maximize, try Expression(expression))
    } catch {
      throw OptionError(
        option: "--objective", found: "\(error)", needed: "write it like throughput_rps / cost")
    }
  }

  /// A number of trials that run side by side.
  package static func parallelism(_ text: String) throws(OptionError) -> Int {
    guard let number = Int(text), number > 0 else {
      throw OptionError(
        option: "--parallel", found: "\"\(text)\"", needed: "a whole number from 1 up is needed")
    }
    return number
  }
}
