/// What a stress test reports of one configuration.
package struct Measurement: Hashable, Sendable, Codable {
  /// Whether the generator vouches for the numbers.
  package enum Verdict: Hashable, Sendable, Codable {
    case sound
    /// Usable with care; each reason is a sentence.
    case doubtful([String])
  }

  /// Each metric in the unit that its name ends with. What isn't known isn't there.
  package var values: [Metric: Double]
  /// 90 % intervals, where there is one; of the throughput, the bracket in which the search for it
  /// ended: the greatest rate that held and the least that didn't.
  package var intervals: [Metric: Interval]
  /// The loads that were tried, in the order in which they were; empty for a recorded table.
  package var loadSteps: [LoadStep]
  package var verdict: Verdict

  package init(
    values: [Metric: Double], intervals: [Metric: Interval] = [:], loadSteps: [LoadStep] = [],
    verdict: Verdict = .sound
  ) {
    self.values = values
    self.intervals = intervals
    self.loadSteps = loadSteps
    self.verdict = verdict
  }

  package subscript(metric: Metric) -> Double? { values[metric] }
}
