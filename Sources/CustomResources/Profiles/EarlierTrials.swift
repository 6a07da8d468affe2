package import Tuning

/// What was measured of another service, read from a table for the space of a new one.
package struct EarlierTrials: Hashable, Sendable {
  package let name: String
  package let trials: [Trial]

  /// Reads a table whose columns include every parameter; its other columns of numbers are metrics.
  /// `feasible` 0 marks a configuration that could not serve, and a column `service` tells several
  /// services apart. Rows with a level of another kind are left out. Empty for a table of something
  /// else.
  package static func read(csv: String, name: String, over space: SearchSpace) -> [EarlierTrials] {
    guard let table = CSVTable(csv) else { return [] }
    let names = space.parameters.map(\.name.text)
    let columns = names.compactMap { table.header.firstIndex(of: $0) }
    guard columns.count == names.count else { return [] }
    let service = table.header.firstIndex(of: "service").flatMap {
      names.contains("service") ? nil : $0
    }
    var order: [String] = []
    var trials: [String: [Trial]] = [:]
    for row in table.rows where row.fields.count == table.header.count {
      let owner = service.map { "\(name)#\(row.fields[$0])" } ?? name
      guard let configuration = configuration(row.fields, columns, space) else { continue }
      if trials[owner] == nil { order.append(owner) }
      let outcome = outcome(row.fields, table.header, parameters: Set(columns), service)
      trials[owner, default: []].append(
        Trial(
          ordinal: trials[owner]?.count ?? 0, configuration: configuration, outcome: outcome))
    }
    return order.map { EarlierTrials(name: $0, trials: trials[$0] ?? []) }
  }

  private static func configuration(
    _ fields: [String], _ columns: [Int], _ space: SearchSpace
  ) -> Configuration? {
    var assignments: [Configuration.Assignment] = []
    for (parameter, column) in zip(space.parameters, columns) {
      guard let level = parameter.domain.level(reading: fields[column]),
        parameter.domain.coordinate(of: level) != nil
      else { return nil }
      assignments.append(.init(name: parameter.name, level: level))
    }
    return Configuration(assignments)
  }

  private static func outcome(
    _ fields: [String], _ header: [String], parameters: Set<Int>, _ service: Int?
  ) -> Outcome {
    if let mark = header.firstIndex(of: "feasible"),
      ["0", "0.0", "false"].contains(fields[mark].lowercased())
    {
      return .infeasible(
        Infeasibility(.neverReady, .starting, detail: "recorded as unable to serve"))
    }
    var values: [Metric: Double] = [:]
    for (column, name) in header.enumerated()
    where !parameters.contains(column) && column != service && name != "feasible" {
      if let value = Double(fields[column]), value.isFinite { values[Metric(name)] = value }
    }
    return .measured(Measurement(values: values))
  }
}
