import Tuning

/// The front of several objectives, two of them at a time, with the intervals of its members.
package struct FrontChart {
  private let report: Report

  package init(_ report: Report) { self.report = report }

  /// One picture for each pair of objectives.
  package var svgs: [String] {
    guard let front = report.front, !front.members.isEmpty else { return [] }
    let count = front.objectives.count
    return (0..<count).flatMap { first in
      ((first + 1)..<count).compactMap { second in svg(front, across: first, up: second) }
    }
  }

  private func svg(_ front: Report.Front, across: Int, up: Int) -> String? {
    let ends = { (objective: Int) in
      front.members.map(\.values[objective]).flatMap {
        [$0.expected, $0.lower ?? $0.expected, $0.upper ?? $0.expected]
      }
    }
    guard let x = Axis(spanning: ends(across), title: title(front, across)),
      let y = Axis(spanning: ends(up), title: title(front, up))
    else { return nil }
    var plot = Plot(name: "front-\(across)-\(up)", x: x, y: y, keys: keys)
    for member in front.members {
      let (here, there) = (member.values[across], member.values[up])
      if let lower = there.lower, let upper = there.upper {
        plot.curve([(here.expected, lower), (here.expected, upper)], class: "line front")
      }
      if let lower = here.lower, let upper = here.upper {
        plot.curve([(lower, there.expected), (upper, there.expected)], class: "line front")
      }
    }
    for member in front.members {
      let isAdvice = report.recommendation?.trial == member.trial
      plot.mark(
        isAdvice ? .recommended : .feasible, member.values[across].expected,
        member.values[up].expected,
        title: "trial \(member.trial): \(report.space.line(member.config))")
    }
    let names = [across, up].map { front.objectives[$0].expression }
    return plot.document(label: "The front of \(names[0]) and \(names[1]), with 90 % intervals")
  }

  private func title(_ front: Report.Front, _ objective: Int) -> String {
    let goal = front.objectives[objective]
    let label = MetricLabel(goal.expression)
    return label.unit.isEmpty ? goal.expression : label.title
  }

  private var keys: [Plot.Key] {
    [
      Plot.Key(symbol: .mark(.recommended), text: "recommended"),
      Plot.Key(symbol: .mark(.feasible), text: "on the front"),
      Plot.Key(symbol: .line("line front"), text: "90 % interval"),
    ]
  }
}
