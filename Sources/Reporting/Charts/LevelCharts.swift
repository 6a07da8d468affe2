import Tuning

/// The objective by the level of one parameter, over all trials: one small chart for each.
package struct LevelCharts {
  package struct Chart {
    package let parameter: String
    package let svg: String
  }

  private let report: Report

  package init(_ report: Report) { self.report = report }

  private static let height = 190.0
  /// Below the axis, where the infeasible trials are.
  private static let strip = 18.0

  /// Empty where fewer than two trials were feasible.
  package var charts: [Chart] {
    let values = report.trials.compactMap { $0.feasible ? $0.objective : nil }
    guard values.count > 1, let y = Axis(spanning: values, title: "", logarithmicBeyond: 50) else {
      return []
    }
    return report.space.parameters.enumerated().map { number, knob in
      Chart(parameter: knob.name, svg: chart(of: knob, name: "level\(number)", y: y))
    }
  }

  private func chart(of knob: Report.Knob, name: String, y: Axis) -> String {
    let levels = shownLevels(of: knob)
    var plot = Plot(
      name: name, x: Axis(places: levels, title: ""), y: y, width: 300, height: Self.height,
      below: Self.strip)
    var crowd: [Int: Int] = [:]
    let order =
      report.trials.filter { rank(of: $0) == 0 } + report.trials.filter { rank(of: $0) > 0 }
    for entry in order {
      guard let level = entry.configuration[knob.name],
        let place = levels.firstIndex(where: { knob.isSame($0, level) })
      else { continue }
      let title = SearchCharts.title(of: entry, in: report)
      if entry.feasible, let value = entry.objective {
        plot.mark(SearchCharts.mark(of: entry, in: report), Double(place), value, title: title)
      } else {
        let x = plot.point(Double(place), y.lower).x + spread(crowd[place, default: 0])
        let low = plot.height - Self.strip / 2 - 2
        crowd[place, default: 0] += 1
        plot.draw {
          $0.mark(Mark.infeasible.smaller(3), at: SVG.Point(x: x, y: low), title: title)
        }
      }
    }
    return plot.document(label: "\(report.objective.expression) by level of \(knob.name)")
  }

  /// The recommended trial and the baseline are drawn last, on top.
  private func rank(of entry: Report.Entry) -> Int {
    entry.ordinal == 0 || entry.ordinal == report.recommendation?.trial ? 1 : 0
  }

  /// Marks at the same level beside each other: 0, +7, −7, +14, ….
  private func spread(_ number: Int) -> Double {
    let step = Double((number + 1) / 2) * 7
    return number.isMultiple(of: 2) ? -step : step
  }

  /// The domain's levels, and those of a baseline outside it in their place.
  private func shownLevels(of knob: Report.Knob) -> [String] {
    var levels = knob.levelTexts
    for entry in report.trials {
      guard let level = entry.configuration[knob.name],
        !levels.contains(where: { knob.isSame($0, level) })
      else { continue }
      let magnitude = knob.magnitude(of: level) ?? .infinity
      let place = levels.firstIndex { (knob.magnitude(of: $0) ?? .infinity) > magnitude }
      levels.insert(level, at: place ?? levels.count)
    }
    return levels
  }
}
