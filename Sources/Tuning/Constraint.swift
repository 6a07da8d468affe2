/// An upper bound on a metric, such as p99 ≤ 200 ms.
package struct Constraint: Hashable, Sendable {
  package let metric: Metric
  /// In the metric's unit.
  package let maximum: Double
  /// True when the stress test itself looks for the greatest load that holds this bound, so that
  /// every measured trial meets it and only a failed one breaks it.
  package let isHeldByStressTest: Bool

  package init(metric: Metric, maximum: Double, isHeldByStressTest: Bool) {
    self.metric = metric
    self.maximum = maximum
    self.isHeldByStressTest = isHeldByStressTest
  }

  /// Whether a measurement meets the bound; false when it doesn't report the metric.
  package func isMet(by measurement: Measurement) -> Bool {
    measurement[metric].map { $0 <= maximum } ?? isHeldByStressTest
  }
}

extension Constraint: CustomStringConvertible {
  package var description: String { "\(metric) ≤ \(Level.number(maximum))" }
}
