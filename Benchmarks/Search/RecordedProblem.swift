import CustomResources
import Foundation
import Kubernetes
import Tuning

/// Problems on recorded tables: which columns are parameters, and the objective and the bound that
/// are meant. The tables themselves are somewhere else.
struct RecordedProblem {
  private let entry: JSONValue
  let name: String

  /// Reads a list of problems: `{"problems": [{"name", "table", "where", "knobs", "objective",
  /// "constraint", "metrics", "exact"}]}`, in the words of the ask-tell protocol.
  static func list(_ path: String) throws -> [RecordedProblem] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let list = try JSONReader.decode(Array(text.utf8))
    return (list["problems"]?.array ?? []).compactMap { entry in
      entry["name"]?.string.map { RecordedProblem(entry: entry, name: $0) }
    }
  }

  /// Nil where the table isn't in the folder.
  func problem(tables folder: String) throws -> BenchmarkProblem? {
    let path = "\(folder)/\(entry["table"]?.string ?? name).csv"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    guard let table = CSVTable(text) else { throw BenchmarkError(text: "\(path): no header") }
    let knobs = entry["knobs"]?.array ?? []
    let names = knobs.compactMap { $0["name"]?.string }
    let rows = try chosenRows(table, path)
    let domains = try zip(knobs, names).map { knob, name in
      try Self.values(of: name, isOrdinal: knob["kind"]?.string != "categorical", rows, path)
    }
    let sorted = Self.inOrder(rows, names, domains)
    let product = domains.reduce(1) { $0 * $1.count }
    let metrics = (entry["metrics"]?.array ?? []).compactMap(\.string)
    var message = JSONObject([
      ("name", .string(name)),
      ("knobs", .array(zip(knobs, domains).map(Self.knob))),
      ("grid_points", .integer(sorted.count)),
      ("full_product", .bool(product == sorted.count)),
    ])
    if product != sorted.count { message["grid_csv"] = .string("\(name).grid.csv") }
    for key in ["objective", "maximize", "constraint", "constraints", "metrics", "noise"] {
      if let value = entry[key] { message[key] = value }
    }
    return try BenchmarkProblem(
      message: message, rows: sorted.map { Self.metrics(metrics, of: $0) },
      exact: Set((entry["exact"]?.array ?? []).compactMap(\.string).map { Metric($0) }),
      grid: product == sorted.count ? nil : Self.csv(sorted, names))
  }

  private typealias Row = [String: String]

  private func chosenRows(_ table: CSVTable, _ path: String) throws -> [Row] {
    let wanted = entry["where"]?.object?.members ?? []
    let rows = table.rows.map { row in
      Row(zip(table.header, row.fields), uniquingKeysWith: { first, _ in first })
    }.filter { row in wanted.allSatisfy { row[$0.key] == $0.value.scalarText } }
    guard !rows.isEmpty else { throw BenchmarkError(text: "\(path): no row for \(name)") }
    return rows
  }

  private static func values(
    of name: String, isOrdinal: Bool, _ rows: [Row], _ path: String
  ) throws -> [JSONValue] {
    let texts = Set(rows.compactMap { $0[name] })
    guard !texts.isEmpty else { throw BenchmarkError(text: "\(path): no column \(name)") }
    guard isOrdinal else { return texts.sorted().map { .string($0) } }
    return Set(texts.compactMap(Double.init)).sorted().map { number in
      Int(exactly: number).map { .integer($0) } ?? .number(number)
    }
  }

  private static func knob(_ knob: JSONValue, _ values: [JSONValue]) -> JSONValue {
    var knob = knob.object ?? JSONObject()
    knob["values"] = .array(values)
    return .object(knob)
  }

  /// By the first parameter, then the second: the order in which a space counts its cells. Of rows
  /// with equal parameters the first is taken.
  private static func inOrder(
    _ rows: [Row], _ names: [String], _ domains: [[JSONValue]]
  ) -> [Row] {
    func isWritten(_ value: JSONValue, _ text: String?) -> Bool {
      value.string.map { $0 == text }
        ?? (value.scalarText.flatMap(Double.init) == text.flatMap(Double.init))
    }
    func numbers(_ row: Row) -> [Int] {
      zip(names, domains).map { name, domain in
        domain.firstIndex { isWritten($0, row[name]) } ?? 0
      }
    }
    var seen: Set<[Int]> = []
    return rows.map { (numbers($0), $0) }.filter { seen.insert($0.0).inserted }
      .sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
  }

  /// Nil where the table says that the row can't run, or where a value is missing.
  private static func metrics(_ names: [String], of row: Row) -> [Metric: Double]? {
    if let mark = row["feasible"], Double(mark) == 0 || mark.lowercased() == "false" { return nil }
    var result: [Metric: Double] = [:]
    for name in names {
      guard let value = row[name].flatMap(Double.init), value.isFinite else { return nil }
      result[Metric(name)] = value
    }
    return result
  }

  private static func csv(_ rows: [Row], _ names: [String]) -> String {
    let lines = rows.map { row in names.map { row[$0] ?? "" }.joined(separator: ",") }
    return ([names.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }
}
