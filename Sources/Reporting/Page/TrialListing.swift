import Tuning

/// The table of all trials on the page.
struct TrialListing {
  let report: Report

  /// Nil where no trial ended.
  var list: PageContent.TrialList? {
    guard !report.trials.isEmpty else { return nil }
    let metrics = shownMetrics
    var columns = [Self.column("trial", isNumber: true)]
    columns += report.space.parameters.map {
      Self.column($0.name, isNumber: $0.kind != .choices)
    }
    columns.append(Self.column("outcome", isNumber: false))
    if hasObjectiveColumn { columns.append(Self.column("objective", isNumber: true)) }
    columns += metrics.map { Self.column(MetricLabel($0).title, isNumber: true) }
    if report.cost != nil {
      columns.append(Self.column(MetricLabel("cost").title, isNumber: true))
    }
    columns.append(Self.column("took (s)", isNumber: true))
    return PageContent.TrialList(
      count: Figure.count(report.trials.count, "trial"), columns: columns,
      lines: report.trials.map { line($0, metrics: metrics) })
  }

  /// The metrics that matter to a reader; all of them are in the CSV.
  private var shownMetrics: [String] {
    let all = Set(report.trials.flatMap { $0.measured?.keys.map { $0 } ?? [] })
    let constrained = Set(report.constraints.map(\.metric))
    let names = (try? Expression(report.objective.expression))?.names ?? []
    let few: Set<String> = [
      Metric.throughput.name, Metric.latencyP99.name, Metric.memory.name, Metric.errorRate.name,
    ]
    let wanted = few.union(constrained).union(names)
    return MetricLabel.sorted(all.intersection(wanted))
  }

  private var hasObjectiveColumn: Bool { !shownMetrics.contains(report.objective.expression) }

  private func line(_ entry: Report.Entry, metrics: [String]) -> PageContent.Line {
    let knobs = report.space.parameters.map { knob -> PageContent.Cell in
      let text = entry.configuration[knob.name]
      let magnitude = text.flatMap(knob.magnitude)
      return PageContent.Cell(
        text: text ?? "–", key: magnitude.map { JSON($0).line } ?? text ?? "",
        isNumber: knob.kind != .choices)
    }
    var cells: [PageContent.Cell] = []
    if hasObjectiveColumn { cells.append(Self.cell(entry.objective, Figure.text)) }
    cells += metrics.map { Self.cell(entry.measured?[$0], MetricLabel($0).number) }
    if report.cost != nil { cells.append(Self.cell(entry.costPerHour, Figure.text)) }
    cells.append(Self.cell(entry.seconds) { Figure.text($0) })
    return PageContent.Line(
      ordinal: entry.ordinal, name: name(of: entry), knobs: knobs, cells: cells,
      outcome: outcome(of: entry),
      outcomeClass: entry.feasible ? "fine" : "failed", detail: detail(of: entry))
  }

  private func outcome(of entry: Report.Entry) -> String {
    guard entry.feasible else { return entry.reasonKind ?? "infeasible" }
    return entry.verdict == "sound" || entry.verdict == nil
      ? "measured" : "measured, \(entry.verdict ?? "")"
  }

  private func name(of entry: Report.Entry) -> String? {
    if entry.ordinal == report.recommendation?.trial { return "recommended" }
    return entry.ordinal == 0 ? "baseline" : nil
  }

  private func detail(of entry: Report.Entry) -> PageContent.Detail? {
    guard entry.reason != nil || !entry.doubts.isEmpty else { return nil }
    let log = entry.lastLogLines.joined(separator: "\n")
    return PageContent.Detail(
      summary: entry.reason?.asSentence ?? "The load generator does not vouch for these numbers.",
      log: log.isEmpty ? nil : log, doubts: entry.doubts)
  }

  private static func column(_ name: String, isNumber: Bool) -> PageContent.Column {
    PageContent.Column(parts: PageContent.parts(of: name), isNumber: isNumber)
  }

  private static func cell(_ value: Double?, _ text: (Double) -> String) -> PageContent.Cell {
    PageContent.Cell(
      text: value.map(text) ?? "–", key: value.map { JSON($0).line } ?? "", isNumber: true)
  }
}
