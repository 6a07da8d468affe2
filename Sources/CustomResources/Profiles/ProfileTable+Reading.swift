import Kubernetes
import Tuning

extension ProfileTable {
  /// Reads a table and the JSON file beside it.
  /// - Parameters:
  ///   - csv: The text and file name of the table.
  ///   - sidecar: The same of the JSON file, where `knobs` lists the columns that are knobs;
  ///     `name` and `metrics` may be left out.
  ///   - service: Which service, where the table has a column `service`.
  package static func read(
    csv: (text: String, file: String), sidecar: (text: String, file: String), service: String?
  ) -> (table: ProfileTable?, diagnostics: Diagnostics) {
    let log = ProblemLog()
    let manifest = Manifest(sidecar.text, file: sidecar.file)
    log.append(contentsOf: manifest.diagnostics)
    guard let document = manifest.documents.first, !manifest.diagnostics.hasErrors else {
      if !manifest.diagnostics.hasErrors {
        let needed = "give a JSON object with knobs, the list of the table's knobs"
        log.append(Problem(.error, at: sidecar.file, found: "nothing", needed: needed))
      }
      return (nil, log.diagnostics)
    }
    guard let csvTable = CSVTable(csv.text) else {
      log.append(
        Problem(.error, at: csv.file, found: "no rows", needed: "give a header and rows"))
      return (nil, log.diagnostics)
    }
    let reader = ProfileReader(
      csv: csvTable, file: csv.file, sidecar: Field(document, log: log), service: service, log: log)
    let table = reader.read()
    return (log.diagnostics.hasErrors ? nil : table, log.diagnostics)
  }
}

/// Reads the columns of one table.
private struct ProfileReader {
  let csv: CSVTable
  let file: String
  let sidecar: Field
  let service: String?
  let log: ProblemLog

  private static let serviceColumn = "service"
  private static let feasibleColumn = "feasible"

  func read() -> ProfileTable? {
    checkShape()
    let knobs = columns(sidecar["knobs"], isNeeded: true)
    guard !log.diagnostics.hasErrors, let rows = selectedRows() else { return nil }
    let tuned = knobs.filter { $0 != Self.serviceColumn }
    let parameters = tuned.compactMap { parameter($0, rows) }
    let metrics = metricColumns(except: knobs, rows)
    guard !log.diagnostics.hasErrors, let space = space(parameters, rows) else { return nil }
    let entries = rows.map { entry($0, metrics) }
    guard !log.diagnostics.hasErrors else { return nil }
    let suffix = service.map { "#\($0)" } ?? ""
    let fileName = file.split(separator: "/").last.map(String.init) ?? file
    let name = sidecar["name"].text ?? String(fileName.prefix { $0 != "." })
    return ProfileTable(
      name: name + suffix, space: space, metrics: metrics.map { Metric($0) }, entries: entries)
  }

  // MARK: Shape

  private func checkShape() {
    let names = csv.header
    for (index, name) in names.enumerated() where names.firstIndex(of: name) != index {
      report(1, "column \"\(name)\" is there twice", "name every column once")
    }
    if csv.rows.isEmpty { report(1, "no rows", "give at least one configuration") }
    for row in csv.rows where row.fields.count != names.count {
      report(row.line, "\(row.fields.count) fields", "the header has \(names.count)")
    }
  }

  /// The columns that a list of the sidecar names.
  private func columns(_ list: Field, isNeeded: Bool) -> [String] {
    if isNeeded, list.elements.isEmpty {
      if !list.exists || list.value?.array != nil {
        list.error("no knobs", needed: "list the columns that are knobs, like [\"batch_size\"]")
      }
      return []
    }
    return list.elements.compactMap { element in
      guard let name = element.text else { return nil }
      if csv.header.contains(name) { return name }
      element.error(
        "no column is named \"\(name)\"", needed: Spelling.hint(name, among: csv.header))
      return nil
    }
  }

  /// The rows of the wanted service; all rows where the table records one only.
  private func selectedRows() -> [CSVTable.Row]? {
    guard let column = csv.header.firstIndex(of: Self.serviceColumn) else {
      guard let service else { return csv.rows }
      report(1, "no column \"service\" to find \"\(service)\" in", "leave out #\(service)")
      return nil
    }
    let services = Set(csv.rows.map { $0.fields[column] }).sorted()
    guard let wanted = service ?? (services.count == 1 ? services.first : nil) else {
      let first = services.first ?? ""
      report(
        1, "\(services.count) services, \(services.joined(separator: ", "))",
        "choose one, like \(file)#\(first)")
      return nil
    }
    let rows = csv.rows.filter { $0.fields[column] == wanted }
    guard !rows.isEmpty else {
      report(1, "no service is named \"\(wanted)\"", Spelling.hint(wanted, among: services))
      return nil
    }
    return rows
  }

  // MARK: Knobs

  private func parameter(_ name: String, _ rows: [CSVTable.Row]) -> Parameter? {
    guard let column = csv.header.firstIndex(of: name) else { return nil }
    var texts: [String] = []
    var seen: Set<String> = []
    for row in rows where seen.insert(row.fields[column]).inserted {
      if row.fields[column].isEmpty { report(row.line, "no value of \(name)", "give one") }
      texts.append(row.fields[column])
    }
    do {
      return Parameter(judging: name, domain: try Self.domain(texts), target: .column)
    } catch {
      report(1, "column \(name): \(error)", nil)
      return nil
    }
  }

  private static func domain(_ texts: [String]) throws(DomainError) -> Domain {
    let integers = texts.compactMap { Int($0) }
    if integers.count == texts.count { return try Domain(integers: Array(Set(integers))) }
    let numbers = texts.compactMap(DecimalText.number)
    if numbers.count == texts.count { return try Domain(numbers: Array(Set(numbers))) }
    let quantities = texts.compactMap { try? Quantity($0) }
    if quantities.count == texts.count { return try Domain(quantities: Array(Set(quantities))) }
    return try Domain(choices: texts)
  }

  private func space(_ parameters: [Parameter], _ rows: [CSVTable.Row]) -> SearchSpace? {
    let columns = parameters.compactMap { csv.header.firstIndex(of: $0.name.text) }
    var seen: [[Level]: Int] = [:]
    var allowed: [[Level]] = []
    for row in rows {
      let levels = zip(parameters, columns).compactMap { parameter, column in
        parameter.domain.level(reading: row.fields[column])
      }
      if let first = seen.updateValue(row.line, forKey: levels) {
        let texts = levels.map(\.text).joined(separator: ", ")
        report(row.line, "(\(texts)) is recorded twice, first on line \(first)", "give it once")
      }
      allowed.append(levels)
    }
    guard !log.diagnostics.hasErrors else { return nil }
    do {
      return try SearchSpace(parameters, allowed: allowed)
    } catch {
      report(1, "\(error)", nil)
      return nil
    }
  }

  // MARK: Metrics

  /// The columns listed as metrics, or all that are no knobs. One without a single number only
  /// describes and is left out.
  private func metricColumns(except knobs: [String], _ rows: [CSVTable.Row]) -> [String] {
    let listed = columns(sidecar["metrics"], isNeeded: false)
    let candidates = listed.isEmpty ? csv.header.filter { !knobs.contains($0) } : listed
    let metrics = candidates.filter { name in
      guard let column = csv.header.firstIndex(of: name), name != Self.feasibleColumn else {
        return false
      }
      return rows.contains { DecimalText.number($0.fields[column]) != nil }
    }
    if metrics.isEmpty { report(1, "no column of numbers beside the knobs", "give a metric") }
    return metrics
  }

  private func entry(_ row: CSVTable.Row, _ metrics: [String]) -> ProfileTable.Entry {
    if let column = csv.header.firstIndex(of: Self.feasibleColumn) {
      switch row.fields[column] {
      case "1": break
      case "0": return .infeasible
      case let text: report(row.line, "feasible is \"\(text)\"", "write 0 or 1")
      }
    }
    var values: [Metric: Double] = [:]
    for name in metrics {
      guard let column = csv.header.firstIndex(of: name) else { continue }
      let text = row.fields[column]
      if text.isEmpty { continue }
      guard let number = DecimalText.number(text) else {
        report(row.line, "\(name) is \"\(text)\"", "a number is needed")
        continue
      }
      values[Metric(name)] = number
    }
    if values.isEmpty { report(row.line, "no metric", "give one, or 0 under feasible") }
    return .measured(values)
  }

  private func report(_ line: Int, _ found: String, _ needed: String?) {
    log.append(Problem(.error, at: "\(file):\(line)", found: found, needed: needed))
  }
}
