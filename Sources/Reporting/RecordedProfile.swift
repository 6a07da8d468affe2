import Tuning

/// The trials of a run as a profile: a table of configuration → measurement that `--runner replay`
/// answers from, and the JSON file beside it that names its columns.
package struct RecordedProfile {
  private let report: Report
  private let knobs: [String]
  private let metrics: [String]

  package init(_ report: Report) {
    self.report = report
    knobs = report.space.parameters.map(\.name)
    metrics = MetricLabel.sorted(
      Set(
        report.trials.filter { $0.outcome == .measured }.flatMap {
          $0.measured?.keys.map { $0 } ?? []
        }))
  }

  /// A row for each configuration with a level of every parameter; of several trials of one
  /// configuration, the first. A configuration that could not serve has `feasible` 0 and no metrics.
  package var csv: String {
    var seen: Set<[String]> = []
    var rows = [knobs + metrics + ["cost", "feasible"]]
    for entry in report.trials {
      let levels = knobs.compactMap { entry.configuration[$0] }
      guard levels.count == knobs.count, seen.insert(levels).inserted else { continue }
      let served = entry.outcome == .measured
      let values = metrics.map { served ? CSVCell.number(entry.measured?[$0]) : "" }
      rows.append(levels + values + [CSVCell.number(entry.costPerHour), served ? "1" : "0"])
    }
    return rows.map { CSVCell.line($0) }.joined()
  }

  /// The JSON file beside the table.
  package var sidecar: String {
    let json: JSON = [
      "name": .string(report.experiment.name),
      "knobs": .array(knobs.map(JSON.string)),
      "metrics": .array((metrics + ["cost", "feasible"]).map(JSON.string)),
      "objective": .string("\(report.objective.direction.rawValue) \(report.objective.expression)"),
      "constraints": .array(report.constraints.map { .string("\($0.metric) <= \($0.max)") }),
      "hardware": JSON(report.environment.machine),
      "command": JSON(report.environment.command),
      "date": JSON(report.experiment.startedAt),
      "tool": .string("\(report.tool.name) \(report.tool.version)"),
    ]
    return json.text
  }
}
