import Tuning

/// What a report says in sentences. Said here once, for the terminal, the page and Markdown.
struct Narrative {
  let report: Report

  /// What to run.
  var headline: String {
    guard let advice = report.recommendation else {
      if report.trials.isEmpty { return "No trial has ended" }
      return report.trials.contains { $0.outcome == .measured }
        ? "No configuration that was tried meets every constraint"
        : "No configuration that was tried could be measured"
    }
    let spec = report.space.line(advice.config)
    return report.recommendsBaseline ? "Keep what is there: \(spec)" : "Run \(spec)"
  }

  /// `1.84× the baseline's throughput_rps / cost (90 % interval 1.71× to 1.97×)`; nil where there
  /// is no gain to speak of.
  var gain: String? {
    guard let gain = report.gain, !report.recommendsBaseline else { return nil }
    return "\(times(gain.expected)) the baseline's \(report.objective.expression)"
      + interval(gain.lower, gain.upper, times)
  }

  /// Why there is no gain, where there is a recommendation without one.
  var gainMissing: String? {
    guard report.recommendation != nil, report.gain == nil else { return nil }
    guard report.baseline.measured == nil else { return nil }
    return "The baseline has no measurement to compare with: "
      + (report.baseline.reason ?? "it was not tried").asSentence
  }

  /// `It costs 0.0825 per hour instead of 0.0500.`; nil where nothing has a price.
  var price: String? {
    guard let cost = report.recommendation?.costPerHour else { return nil }
    let before = report.recommendsBaseline ? nil : report.baselineEntry?.costPerHour
    guard let before, before != cost else { return "It costs \(Figure.text(cost)) per hour." }
    return "It costs \(Figure.text(cost)) per hour instead of \(Figure.text(before))."
  }

  var certainty: String? {
    guard let advice = report.recommendation else { return nil }
    if let front = report.front { return front.certainty }
    guard let regret = advice.regret else {
      return "The evidence does not vouch for a bound on what a better configuration could gain."
    }
    return "With 90 % credibility no other configuration is better by more than "
      + "\(Figure.percent(regret))."
  }

  /// How the recommended configuration is known.
  var evidence: String? {
    guard let advice = report.recommendation else { return nil }
    return advice.trial.map { "Measured in trial \($0)." }
      ?? "Predicted by the model; no trial has measured it."
  }

  var sampled: String {
    let sampling = report.sampling
    return "\(sampling.visited) of \(sampling.total) configurations tried "
      + "(\(Figure.percent(sampling.share))), \(sampling.pruned) ruled out without a trial"
  }

  var stop: String {
    report.stopReason.map { "Stopped because \($0)." } ?? "Stopped before its end."
  }

  /// The bounds in words: `p99 latency ≤ 100 ms`.
  var constraints: [String] {
    report.constraints.map {
      let label = MetricLabel($0.metric)
      return "\(label.name) ≤ \(label.text($0.max))"
    }
  }

  var goal: String {
    (report.front?.objectives ?? [report.objective])
      .map { "\($0.direction.rawValue) \($0.expression)" }.joined(separator: ", ")
  }

  /// `1.84×`.
  func times(_ ratio: Double) -> String { Figure.text(ratio) + "×" }

  /// Whether the recommended configuration is better than the baseline.
  var isBetter: Bool {
    guard let gain = report.gain else { return false }
    return report.objective.direction == .maximize ? gain.expected > 1 : gain.expected < 1
  }

  private func interval(
    _ lower: Double?, _ upper: Double?, _ text: (Double) -> String
  ) -> String {
    guard let lower, let upper else { return "" }
    return " (90 % interval \(text(lower)) to \(text(upper)))"
  }
}
