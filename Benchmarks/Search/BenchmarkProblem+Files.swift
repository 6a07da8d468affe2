import Foundation
import Kubernetes
import Tuning

extension BenchmarkProblem {
  /// Cells within 1 % of the best.
  var nearCount: Int {
    rows.indices.count { regret(of: $0).map { $0 <= 0.01 } ?? false }
  }

  /// Writes `NAME.json`, the init message with the names of exact metrics, and `NAME.csv`, a row a
  /// cell: parameters, metrics, and whether it can start.
  func write(to folder: String) throws {
    var message = message
    message["exact"] = .array(exact.map(\.name).sorted().map { .string($0) })
    if let grid {
      try Data(grid.utf8).write(to: URL(filePath: "\(folder)/\(name).grid.csv"))
      message["grid_csv"] = .string("\(folder)/\(name).grid.csv")
    }
    try Data(JSONText.encode(.object(message), indentation: 1).utf8)
      .write(to: URL(filePath: "\(folder)/\(name).json"))
    let space = try study(seed: 0, budget: 2).space
    var lines = [
      (space.parameters.map(\.name.text) + metrics.map(\.name) + ["feasible"])
        .joined(separator: ",")
    ]
    for (cell, row) in rows.enumerated() {
      let levels = space.configuration(at: cell).assignments.map(\.level.text)
      let values = metrics.map { metric in row?[metric].map { String($0) } ?? "" }
      lines.append((levels + values + [row == nil ? "0" : "1"]).joined(separator: ","))
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(filePath: "\(folder)/\(name).csv"))
  }
}
