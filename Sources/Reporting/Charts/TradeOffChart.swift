import Tuning

/// What each trial gives against what it costs, with the front that no trial beats in both.
package struct TradeOffChart {
  private struct Dot {
    let entry: Report.Entry
    let cost: Double
    let value: Double
  }

  private let report: Report

  package init(_ report: Report) { self.report = report }

  /// The vertical axis: the throughput where the objective is made of it and of the cost, since
  /// the ratio alone would hide what more money buys; otherwise the objective.
  private var metric: String {
    let throughput = Metric.throughput.name
    let names = (try? Expression(report.objective.expression))?.names ?? []
    return names.contains(throughput) && names.contains(Metric.cost.name)
      ? throughput : Metric.objective.name
  }

  private var isMaximized: Bool {
    metric != Metric.objective.name || report.objective.direction == .maximize
  }

  private var dots: [Dot] {
    let metric = metric
    return report.trials.compactMap { entry in
      let value =
        metric == Metric.objective.name ? entry.objective : entry.measured?[metric]
      guard entry.feasible, let cost = entry.costPerHour, let value else { return nil }
      return Dot(entry: entry, cost: cost, value: value)
    }
  }

  /// Nil where fewer than two different costs are known.
  package var svg: String? {
    let dots = dots
    guard Set(dots.map(\.cost)).count > 1,
      let x = Axis(spanning: dots.map(\.cost), title: "cost (per hour)", fromZero: true),
      let y = Axis(spanning: dots.map(\.value), title: title)
    else { return nil }
    var plot = Plot(name: "tradeoff", x: x, y: y, keys: keys)
    plot.curve(steps(dots), class: "line front")
    for dot in dots {
      plot.mark(
        SearchCharts.mark(of: dot.entry, in: report), dot.cost, dot.value,
        title: SearchCharts.title(of: dot.entry, in: report))
    }
    return plot.document(label: "\(title) against cost per hour of each feasible trial")
  }

  private var title: String {
    metric == Metric.objective.name ? report.objective.expression : MetricLabel(metric).title
  }

  private var keys: [Plot.Key] {
    var keys: [Plot.Key] = []
    if report.recommendedEntry != nil {
      keys.append(Plot.Key(symbol: .mark(.recommended), text: "recommended"))
    }
    if report.baselineEntry?.feasible == true, !report.recommendsBaseline {
      keys.append(Plot.Key(symbol: .mark(.baseline), text: "baseline"))
    }
    keys.append(Plot.Key(symbol: .mark(.feasible), text: "trial"))
    keys.append(Plot.Key(symbol: .line("line front"), text: "best for the money"))
    return keys
  }

  /// The best value for at most each cost, as a step line.
  private func steps(_ dots: [Dot]) -> [(x: Double, y: Double)] {
    let inOrder = dots.sorted {
      ($0.cost, isMaximized ? -$0.value : $0.value) < ($1.cost, isMaximized ? -$1.value : $1.value)
    }
    var points: [(x: Double, y: Double)] = []
    for dot in inOrder {
      if let best = points.last {
        guard isMaximized ? dot.value > best.y : dot.value < best.y else { continue }
        points.append((dot.cost, best.y))
      }
      points.append((dot.cost, dot.value))
    }
    if let end = points.last, let last = inOrder.last { points.append((last.cost, end.y)) }
    return points
  }
}
