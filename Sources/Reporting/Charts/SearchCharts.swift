import Tuning

/// How the search went: the objective of each trial with the incumbent, and what better could
/// still be hidden.
package struct SearchCharts {
  let report: Report

  package init(_ report: Report) { self.report = report }

  private static let rowHeight = 16.0

  private var feasible: [(entry: Report.Entry, value: Double)] {
    report.trials.compactMap { entry in
      entry.feasible ? entry.objective.map { (entry, $0) } : nil
    }
  }

  /// Kinds of failure in order of appearance.
  private var kinds: [String] {
    var kinds: [String] = []
    for entry in report.trials where !entry.feasible {
      let kind = entry.reasonKind ?? "infeasible"
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  /// The objective of each trial in order, the incumbent as a step line, and below the axis one
  /// row of marks for each kind of failure. Nil where nothing was feasible.
  package var progress: String? {
    guard let last = report.trials.map(\.ordinal).max(), last > 0,
      let x = Axis(
        spanning: [0, Double(last)], title: "trial", logarithmicBeyond: .infinity, isWhole: true),
      let y = Axis(
        spanning: feasible.map(\.value), title: objectiveTitle, logarithmicBeyond: 50)
    else { return nil }
    let below = kinds.isEmpty ? 0 : Self.rowHeight * Double(kinds.count) + 8
    var plot = Plot(
      name: "progress", x: x, y: y, keys: keys, height: 300 + max(0, below - 40), below: below)
    plot.curve(incumbentSteps(until: Double(last)), class: "line recommended step")
    for (entry, value) in feasible {
      plot.mark(
        Self.mark(of: entry, in: report), Double(entry.ordinal), value,
        title: Self.title(of: entry, in: report))
    }
    drawFailures(in: &plot)
    return plot.document(
      label: "\(report.objective.expression) of each trial in order, and the best so far")
  }

  /// The bound on what another configuration could gain, after each trial. Nil where fewer than
  /// two bounds are known.
  package var regret: String? {
    let bounds = report.progress.compactMap { step in
      step.regretBound.map { (x: Double(step.ordinal), y: $0 * 100) }
    }
    guard bounds.count > 1, let last = report.trials.map(\.ordinal).max(),
      let x = Axis(
        spanning: [0, Double(last)], title: "trial", logarithmicBeyond: .infinity, isWhole: true),
      let y = Axis(spanning: bounds.map(\.y), title: "possible gain (%)")
    else { return nil }
    var plot = Plot(
      name: "regret", x: x, y: y,
      keys: [
        Plot.Key(symbol: .line("line recommended"), text: "what another could still gain, at most")
      ])
    plot.across(
      report.limits.regretTolerance * 100,
      label: "tolerance \(Figure.percent(report.limits.regretTolerance))")
    plot.curve(bounds, class: "line recommended")
    for bound in bounds {
      plot.mark(
        Mark.recommended.smaller(3), bound.x, bound.y,
        title: "after trial \(Int(bound.x)): \(Figure.text(bound.y)) %")
    }
    return plot.document(
      label: "Upper bound on what another configuration could gain, after each trial")
  }

  private var objectiveTitle: String {
    let label = MetricLabel(report.objective.expression)
    return label.unit.isEmpty ? report.objective.expression : label.title
  }

  private var keys: [Plot.Key] {
    var keys = [Plot.Key(symbol: .line("line recommended"), text: "best so far")]
    if report.recommendedEntry != nil {
      keys.append(Plot.Key(symbol: .mark(.recommended), text: "recommended"))
    }
    if report.baselineEntry?.feasible == true, !report.recommendsBaseline {
      keys.append(Plot.Key(symbol: .mark(.baseline), text: "baseline"))
    }
    keys.append(Plot.Key(symbol: .mark(.feasible), text: "trial"))
    if !kinds.isEmpty { keys.append(Plot.Key(symbol: .mark(.infeasible), text: "infeasible")) }
    return keys
  }

  private func incumbentSteps(until last: Double) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    for step in report.progress {
      guard let value = step.incumbent else { continue }
      if let before = points.last, before.y != value {
        points.append((Double(step.ordinal), before.y))
      }
      points.append((Double(step.ordinal), value))
    }
    if let end = points.last { points.append((last, end.y)) }
    return points
  }

  private func drawFailures(in plot: inout Plot) {
    for (row, kind) in kinds.enumerated() {
      let y = plot.height - Self.rowHeight * (Double(kinds.count - row) - 0.5) - 2
      let failed = report.trials.filter {
        !$0.feasible && ($0.reasonKind ?? "infeasible") == kind
      }
      let places = failed.map { (entry: $0, x: plot.point(Double($0.ordinal), plot.y.lower).x) }
      let (left, right) = (plot.left, plot.left + plot.innerWidth)
      // The words go to the side where they hide the fewest marks.
      let length = Double(kind.count) * Plot.characterWidth + 10
      let atRight = places.count { $0.x > right - length }
      let isAtRight = atRight <= places.count { $0.x < left + length }
      plot.draw { svg in
        svg.line(SVG.Point(x: left, y: y), SVG.Point(x: right, y: y), class: "grid")
        for (entry, x) in places {
          svg.mark(
            .infeasible, at: SVG.Point(x: x, y: y), title: Self.title(of: entry, in: report))
        }
        svg.text(
          kind, at: SVG.Point(x: isAtRight ? right : left, y: y + 4),
          anchor: isAtRight ? .end : .start, class: "label halo")
      }
    }
  }

  static func mark(of entry: Report.Entry, in report: Report) -> Mark {
    if entry.ordinal == report.recommendation?.trial { return .recommended }
    if !entry.feasible { return .infeasible }
    return entry.ordinal == 0 ? .baseline : .feasible
  }

  static func title(of entry: Report.Entry, in report: Report) -> String {
    let outcome =
      entry.feasible ? entry.objective.map(Figure.text) ?? "measured" : entry.reason ?? "infeasible"
    return "trial \(entry.ordinal): \(outcome) – \(report.space.line(entry.configuration))"
  }
}
