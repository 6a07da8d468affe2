/// All trials that ended as comma-separated values (RFC 4180, lines ending in a line feed): one
/// row each, numbers in full. What isn't known is empty.
package struct TrialTable {
  private let report: Report

  package init(_ report: Report) { self.report = report }

  package var csv: String {
    let knobs = report.space.parameters.map(\.name)
    let metrics = MetricLabel.sorted(
      Set(report.trials.flatMap { $0.measured?.keys.map { $0 } ?? [] }))
    let header =
      ["ordinal"] + knobs + ["outcome", "feasible", "reason", "objective"] + metrics
      + ["cost_per_hour", "seconds", "verdict"]
    let rows = report.trials.map { entry -> [String] in
      var row = [String(entry.ordinal)] + knobs.map { entry.configuration[$0] ?? "" }
      row += [entry.outcome.rawValue, String(entry.feasible), entry.reason ?? ""]
      row += [CSVCell.number(entry.objective)]
      row += metrics.map { CSVCell.number(entry.measured?[$0]) }
      return row + [
        CSVCell.number(entry.costPerHour), CSVCell.number(entry.seconds), entry.verdict ?? "",
      ]
    }
    return ([header] + rows).map { CSVCell.line($0) }.joined()
  }
}
