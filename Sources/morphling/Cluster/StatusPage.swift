import CustomResources
import Kubernetes
import Reporting

/// What `morphling status` prints.
struct StatusPage {
  let text: String
  /// The same without what changes by itself, such as ages.
  let content: JSONValue
  /// Whether nothing will change any more.
  let isOver: Bool

  /// - Parameter namespace: nil for all.
  init(
    _ overviews: [ExperimentOverview], in namespace: String?, _ output: StatusCommand.Output,
    at now: Timestamp
  ) {
    content = .array(overviews.map(\.json))
    isOver = false
    switch output {
    case .json: text = Self.json(content)
    case .text:
      guard !overviews.isEmpty else {
        text = "No experiments" + (namespace.map { " in namespace \($0)" } ?? "") + ".\n"
        return
      }
      let rows = [ExperimentOverview.header] + overviews.map { $0.cells(at: now) }
      text = Self.table(rows.map { namespace == nil ? $0 : Array($0.dropFirst()) }, width: 60)
    }
  }

  init(of overview: ExperimentOverview, _ output: StatusCommand.Output, at now: Timestamp) {
    content = overview.json
    isOver = overview.isOver
    switch output {
    case .json: text = Self.json(content)
    case .text:
      let details = Self.table(overview.details(at: now).map { [$0.label, $0.text] }, width: 4_000)
      let tables = [
        (ExperimentOverview.conditionHeader, overview.conditionRows),
        (ExperimentOverview.trialHeader, overview.trialRows),
      ]
      text = tables.filter { !$0.1.isEmpty }
        .reduce(details) { $0 + "\n" + Self.table([$1.0] + $1.1, width: 120) }
    }
  }

  private static func json(_ value: JSONValue) -> String {
    JSONText.encode(value, indentation: 2) + "\n"
  }

  private static func table(_ rows: [[String]], width: Int) -> String {
    let count = rows.first?.count ?? 0
    var table = TextTable(Array(repeating: .left, count: count), cellWidthMax: width)
    for row in rows { table.add(row) }
    return table.lines.joined(separator: "\n") + "\n"
  }
}
