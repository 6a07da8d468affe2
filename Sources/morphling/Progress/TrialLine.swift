import Reporting
import Tuning

/// A finished trial in one line: what it was, what came of it, and the best so far.
struct TrialLine {
  private let trial: Trial?
  private let study: Study

  init(_ ordinal: Int, _ study: Study) {
    trial = study.trials.first { $0.ordinal == ordinal }
    self.study = study
  }

  private static let logLinesShown = 3
  private static let logWidth = 120

  var text: String {
    guard let trial else { return "" }
    let role =
      trial.ordinal == 0 && study.space.index(of: trial.configuration) == nil
      ? " (baseline, off the grid)" : ""
    let last = (study.trials.first?.ordinal ?? 0) + study.limits.trialsMax - 1
    let head = "trial \(trial.ordinal)/\(last)\(role)  \(trial.configuration)"
    let took = trial.duration.map { "  [\(Figure.duration(seconds: $0.seconds))]" } ?? ""
    return "\(head)\n    \(outcome(trial))\(incumbent)\(took)\(lastWords(trial))"
  }

  /// What a failed server said last.
  private func lastWords(_ trial: Trial) -> String {
    guard case .infeasible(let infeasibility) = trial.outcome else { return "" }
    return infeasibility.lastLogLines.suffix(Self.logLinesShown)
      .map { "\n      | \($0.prefix(Self.logWidth))" }
      .joined()
  }

  private func outcome(_ trial: Trial) -> String {
    switch trial.outcome {
    case .pending: return "running"
    case .infeasible(let infeasibility):
      return "infeasible: \(infeasibility.summary): \(infeasibility.detail)"
    case .measured(let measurement):
      var parts: [String] = []
      if let rate = measurement[.throughput] { parts.append("\(Figure.text(rate)) req/s") }
      if let latency = measurement[.latencyP99] { parts.append("p99 \(Figure.text(latency)) ms") }
      if let value = study.objectiveValue(of: measurement, at: trial.configuration) {
        parts.append("objective \(Figure.text(value))")
      }
      let broken = study.constraints.filter { !$0.isMet(by: measurement) }
      parts += broken.map { "breaks \($0)" }
      return parts.joined(separator: ", ")
    }
  }

  private var incumbent: String {
    guard let best = study.incumbent, let value = study.feasibleObjective(of: best) else {
      return ""
    }
    return "  (best: \(Figure.text(value)), trial \(best.ordinal))"
  }
}
