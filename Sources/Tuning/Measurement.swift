/// What a stress test reports of one configuration.
package struct Measurement: Hashable, Sendable {
  /// Whether the generator vouches for the numbers.
  package enum Verdict: Hashable, Sendable, Codable {
    case sound
    /// Usable with care; each reason is a sentence.
    case doubtful([String])
    /// The numbers say more of the generator than of the candidate: nothing may be learnt from
    /// them. Each reason is a sentence.
    case unusable([String])
  }

  /// What is known of a metric whose value is only a bound.
  package enum Censoring: String, Hashable, Sendable, Codable {
    /// The truth is the value or less: the test ended when the candidate couldn't reach it.
    case atMost = "at most"
    /// The truth is the value or more: no more could be offered.
    case atLeast = "at least"
  }

  /// Each metric in the unit that its name ends with. What isn't known isn't there.
  package var values: [Metric: Double]
  /// Where there is one: of the throughput, the 90 % interval; of a latency, that of its windows.
  package var intervals: [Metric: Interval]
  /// Metrics whose value is a bound rather than a measurement.
  package var censored: [Metric: Censoring]
  /// By how much equal measurements of a metric would differ, as a relative standard deviation;
  /// where the data tell.
  package var noise: [Metric: Double]
  /// The loads that were tried, in the order in which they were; empty for a recorded table.
  package var loadSteps: [LoadStep]
  package var verdict: Verdict

  package init(
    values: [Metric: Double], intervals: [Metric: Interval] = [:],
    censored: [Metric: Censoring] = [:], noise: [Metric: Double] = [:],
    loadSteps: [LoadStep] = [], verdict: Verdict = .sound
  ) {
    self.values = values
    self.intervals = intervals
    self.censored = censored
    self.noise = noise
    self.loadSteps = loadSteps
    self.verdict = verdict
  }

  package subscript(metric: Metric) -> Double? { values[metric] }

  /// Whether anything may be learnt from it.
  package var isUsable: Bool {
    if case .unusable = verdict { false } else { true }
  }

  /// Why it should be taken with care, or not at all.
  package var doubts: [String] {
    switch verdict {
    case .sound: []
    case .doubtful(let reasons), .unusable(let reasons): reasons
    }
  }
}

extension Measurement: Codable {
  private enum Key: String, CodingKey {
    case values, intervals, censored, noise, loadSteps, verdict
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(values, forKey: .values)
    try container.encode(intervals, forKey: .intervals)
    if !censored.isEmpty { try container.encode(censored, forKey: .censored) }
    if !noise.isEmpty { try container.encode(noise, forKey: .noise) }
    try container.encode(loadSteps, forKey: .loadSteps)
    try container.encode(verdict, forKey: .verdict)
  }

  /// Journals of earlier versions know neither censoring nor noise.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    values = try container.decode([Metric: Double].self, forKey: .values)
    intervals = try container.decode([Metric: Interval].self, forKey: .intervals)
    censored =
      try container.decodeIfPresent([Metric: Censoring].self, forKey: .censored) ?? [:]
    noise = try container.decodeIfPresent([Metric: Double].self, forKey: .noise) ?? [:]
    loadSteps = try container.decode([LoadStep].self, forKey: .loadSteps)
    verdict = try container.decode(Verdict.self, forKey: .verdict)
  }
}
