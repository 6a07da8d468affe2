/// The recommended configuration beside the baseline, row by row.
struct Comparison {
  struct Row: Hashable {
    let label: String
    let unit: String
    /// `–` where it isn't known.
    let baseline: String
    let recommended: String
    /// Under the recommended number: `105 to 119`; nil where there is no interval.
    let interval: String?
    let isChanged: Bool
  }

  let parameters: [Row]
  let results: [Row]
  /// False when nothing was recommended: the columns are then baseline and nearest miss.
  let isRecommended: Bool
  var heading: String { isRecommended ? "recommended" : "nearest miss" }

  /// Nil when there is neither a recommendation nor a nearest miss.
  init?(_ report: Report) {
    guard let spec = report.recommendation?.config ?? report.nearestMiss?.configuration else {
      return nil
    }
    isRecommended = report.recommendation != nil
    parameters = report.space.parameters.map { knob in
      let before = report.baseline.configuration?[knob.name]
      let after = spec[knob.name]
      return Row(
        label: knob.name, unit: "", baseline: before ?? "–", recommended: after ?? "–",
        interval: nil,
        isChanged: report.baseline.configuration != nil && !knob.isSame(before, after))
    }
    results = Self.results(of: report)
  }

  private static func results(of report: Report) -> [Row] {
    let right = Column(report)
    let before = report.baselineEntry
    let metrics = MetricLabel.sorted(
      Set(right.values.keys).union(before?.measured?.keys.map { $0 } ?? [])
        .subtracting(["objective", "cost"]))
    var rows = metrics.map { metric in
      row(MetricLabel(metric), before?.measured?[metric], right.estimate(of: metric))
    }
    if report.cost != nil {
      rows.append(
        row(
          MetricLabel("cost"), before?.costPerHour,
          right.costPerHour.map { Report.Estimate(expected: $0) }))
    }
    if report.objective.expression != metrics.first {
      rows.append(row(MetricLabel("objective"), before?.objective, right.estimate(of: "objective")))
    }
    return rows.filter { $0.baseline != "–" || $0.recommended != "–" }
  }

  private static func row(
    _ label: MetricLabel, _ before: Double?, _ after: Report.Estimate?
  ) -> Row {
    var interval: String?
    if let lower = after?.lower, let upper = after?.upper, lower < upper {
      interval = "\(label.number(lower)) to \(label.number(upper))"
    }
    return Row(
      label: label.name, unit: label.unit, baseline: before.map(label.number) ?? "–",
      recommended: (after?.expected).map(label.number) ?? "–", interval: interval,
      isChanged: false)
  }

  /// What is known of the recommended configuration, or of the nearest miss.
  private struct Column {
    var values: [String: Double] = [:]
    var lower: [String: Double] = [:]
    var upper: [String: Double] = [:]
    var costPerHour: Double?

    init(_ report: Report) {
      let miss = report.nearestMiss?.trial
      let entry =
        report.recommendedEntry
        ?? miss.flatMap { ordinal in
          report.trials.first { $0.ordinal == ordinal }
        }
      if let entry {
        values = entry.measured ?? [:]
        (lower, upper, costPerHour) = (entry.lower, entry.upper, entry.costPerHour)
        if let objective = entry.objective { values["objective"] = objective }
      }
      guard let advice = report.recommendation else { return }
      for (metric, value) in advice.expected {
        values[metric] = value
        lower[metric] = advice.lower[metric]
        upper[metric] = advice.upper[metric]
      }
      costPerHour = advice.costPerHour
    }

    func estimate(of metric: String) -> Report.Estimate? {
      values[metric].map {
        Report.Estimate(expected: $0, lower: lower[metric], upper: upper[metric])
      }
    }
  }
}
