package import Kubernetes
import Tuning

/// Decodes the `init` message.
package struct AskTellReader {
  private let body: JSONValue
  private let files: AskTellFiles

  package init(_ body: JSONValue, files: AskTellFiles) {
    self.body = body
    self.files = files
  }

  package func problem() throws(AskTellError) -> AskTellProblem {
    guard body.object != nil else {
      throw AskTellError("init", found: body.summary, needed: "an object is needed")
    }
    var spelling: [ParameterName: [Level: JSONValue]] = [:]
    var parameters: [Parameter] = []
    for (index, knob) in try array("knobs").enumerated() {
      let (parameter, spelled) = try Self.parameter(knob, at: "init.knobs[\(index)]")
      parameters.append(parameter)
      spelling[parameter.name] = spelled
    }
    let space = try space(parameters)
    let metrics = try array("metrics").enumerated().map {
      (index, value) throws(AskTellError) -> Metric in
      guard let name = value.string, !name.isEmpty else {
        throw AskTellError(
          "init.metrics[\(index)]", found: value.summary, needed: "a name is needed")
      }
      return Metric(name)
    }
    let study = Study(
      name: body["name"]?.string ?? "problem", space: space,
      objective: try objective(metrics, space), constraints: try constraints(metrics),
      limits: SearchLimits(
        trialsMax: try budget(space), regretTolerance: Share(3, of: 100),
        confidence: Share(90, of: 100)),
      expectedNoise: try noise(), seed: try seed())
    return AskTellProblem(
      study: study, metrics: metrics, priorPath: body["prior"]?.string, spelling: spelling)
  }

  private func array(_ key: String) throws(AskTellError) -> [JSONValue] {
    guard let array = body[key]?.array else {
      throw AskTellError(
        "init.\(key)", found: body[key]?.summary ?? "nothing", needed: "an array is needed")
    }
    return array
  }

  private func seed() throws(AskTellError) -> UInt64 {
    guard let value = body["seed"], value != .null else { return 0 }
    guard let seed = value.integer else {
      throw AskTellError("init.seed", found: value.summary, needed: "a whole number is needed")
    }
    return UInt64(bitPattern: Int64(seed))
  }

  /// The hint for metrics in general; it may be wrong.
  private func noise() throws(AskTellError) -> Double {
    guard let value = body["noise"]?["default"], value != .null else { return 0.03 }
    guard let noise = value.number, noise.isFinite, noise >= 0 else {
      throw AskTellError(
        "init.noise.default", found: value.summary, needed: "a number from 0 up is needed")
    }
    // A hint that says more than a factor of e says nothing.
    return min(noise, 1)
  }

  /// A fifth of a very large space is no budget.
  private static let usualBudgetMax = 10_000

  private func budget(_ space: SearchSpace) throws(AskTellError) -> Int {
    guard let value = body["budget"], value != .null else {
      return min(max(2, space.count / 5), Self.usualBudgetMax)
    }
    guard let budget = value.integer, budget > 0 else {
      throw AskTellError(
        "init.budget", found: value.summary, needed: "a whole number from 1 up is needed")
    }
    return budget
  }
}

// MARK: - The space

extension AskTellReader {
  private static func parameter(
    _ knob: JSONValue, at location: String
  ) throws(AskTellError) -> (Parameter, [Level: JSONValue]) {
    guard let name = knob["name"]?.string, !name.isEmpty else {
      throw AskTellError(
        "\(location).name", found: knob["name"]?.summary ?? "nothing", needed: "a name is needed")
    }
    guard let values = knob["values"]?.array, !values.isEmpty else {
      throw AskTellError(
        "\(location).values", found: knob["values"]?.summary ?? "nothing",
        needed: "an array with at least one value is needed")
    }
    let domain = try domain(knob, values, at: location)
    var spelling: [Level: JSONValue] = [:]
    for value in values {
      if let level = level(value, of: domain) { spelling[level] = value }
    }
    return (Parameter(judging: name, domain: domain, target: .column), spelling)
  }

  private static func domain(
    _ knob: JSONValue, _ values: [JSONValue], at location: String
  ) throws(AskTellError) -> Domain {
    do {
      switch knob["kind"]?.string {
      case "categorical": return try Domain(choices: values.map { $0.scalarText ?? $0.summary })
      case "ordinal":
        var numbers: [Double] = []
        for value in values {
          guard let number = value.number else {
            throw AskTellError(
              "\(location).values", found: value.summary, needed: "numbers are needed")
          }
          numbers.append(number)
        }
        guard numbers == numbers.sorted() else {
          throw AskTellError(
            "\(location).values", found: "values out of order", needed: "rising order is needed")
        }
        return try Domain(numbers: numbers, scale: try scale(knob["scale"], at: location))
      default:
        throw AskTellError(
          "\(location).kind", found: knob["kind"]?.summary ?? "nothing",
          needed: "ordinal or categorical is needed")
      }
    } catch let error as AskTellError {
      throw error
    } catch {
      throw AskTellError(
        "\(location).values", found: "\(error)", needed: "distinct values are needed")
    }
  }

  private static func scale(
    _ value: JSONValue?, at location: String
  ) throws(AskTellError) -> Domain.Scale? {
    switch value?.string {
    case "log": return .logarithmic
    case "linear": return .linear
    case nil where value == nil || value == .null: return nil
    default:
      throw AskTellError(
        "\(location).scale", found: value?.summary ?? "nothing", needed: "log or linear is needed")
    }
  }

  static func level(_ value: JSONValue, of domain: Domain) -> Level? {
    domain.isOrdinal ? value.number.map(Level.number) : value.scalarText.map(Level.choice)
  }

  private func space(_ parameters: [Parameter]) throws(AskTellError) -> SearchSpace {
    do {
      if body["full_product"] != .bool(false) { return try SearchSpace(parameters) }
    } catch {
      throw AskTellError("init.knobs", found: "\(error)", needed: "a smaller space is needed")
    }
    guard let path = body["grid_csv"]?.string else {
      throw AskTellError(
        "init.grid_csv", found: body["grid_csv"]?.summary ?? "nothing",
        needed: "a path is needed where full_product is false")
    }
    let rows = try Self.rows(of: try files.read(path), parameters, path: path)
    do {
      return try SearchSpace(parameters, allowed: rows)
    } catch {
      throw AskTellError(path, found: "\(error)", needed: "distinct allowed rows are needed")
    }
  }

  private static func rows(
    of text: String, _ parameters: [Parameter], path: String
  ) throws(AskTellError) -> [[Level]] {
    guard let table = CSVTable(text) else {
      throw AskTellError(path, found: "no header", needed: "the knobs' names are needed")
    }
    var columns: [Int] = []
    for parameter in parameters {
      guard let column = table.header.firstIndex(of: parameter.name.text) else {
        throw AskTellError(
          path, found: "no column \"\(parameter.name)\"", needed: "a column for each knob is needed"
        )
      }
      columns.append(column)
    }
    var rows: [[Level]] = []
    for row in table.rows {
      var levels: [Level] = []
      for (parameter, column) in zip(parameters, columns) {
        guard column < row.fields.count,
          let level = parameter.domain.level(reading: row.fields[column]),
          parameter.domain.levels.contains(level)
        else {
          throw AskTellError(
            "\(path):\(row.line): \(parameter.name)",
            found: column < row.fields.count ? "\"\(row.fields[column])\"" : "nothing",
            needed: "one of the knob's values is needed")
        }
        levels.append(level)
      }
      rows.append(levels)
    }
    return rows
  }
}

// MARK: - The goal

extension AskTellReader {
  private func objective(
    _ metrics: [Metric], _ space: SearchSpace
  ) throws(AskTellError) -> Objective {
    guard let text = body["objective"]?.string else {
      throw AskTellError(
        "init.objective", found: body["objective"]?.summary ?? "nothing",
        needed: "an expression is needed")
    }
    let expression: Expression
    do { expression = try Expression(text) } catch {
      throw AskTellError("init.objective", found: "\(error)", needed: "arithmetic is needed")
    }
    let known =
      metrics.map(\.name)
      + space.parameters.filter(\.domain.isOrdinal).map(\.name.text)
    for name in expression.names where !known.contains(name) {
      throw AskTellError(
        "init.objective", found: "\"\(name)\"",
        needed: "a metric or an ordinal knob is needed: \(known.joined(separator: ", "))")
    }
    switch body["maximize"] {
    case .bool(false): return Objective(.minimize, expression)
    case .bool(true), .null, nil: return Objective(.maximize, expression)
    case .some(let value):
      throw AskTellError("init.maximize", found: value.summary, needed: "true or false is needed")
    }
  }

  private func constraints(_ metrics: [Metric]) throws(AskTellError) -> [Constraint] {
    var given: [(location: String, value: JSONValue)] = []
    if let one = body["constraint"], one != .null { given.append(("init.constraint", one)) }
    if body["constraints"].map({ $0 != .null }) ?? false {
      for (index, value) in try array("constraints").enumerated() {
        given.append(("init.constraints[\(index)]", value))
      }
    }
    var constraints: [Constraint] = []
    for (location, value) in given {
      guard let name = value["metric"]?.string, metrics.contains(Metric(name)) else {
        throw AskTellError(
          "\(location).metric", found: value["metric"]?.summary ?? "nothing",
          needed: "one of the metrics is needed")
      }
      guard let maximum = value["max"]?.number, maximum.isFinite else {
        throw AskTellError(
          "\(location).max", found: value["max"]?.summary ?? "nothing",
          needed: "a finite number is needed")
      }
      constraints.append(
        Constraint(metric: Metric(name), maximum: maximum, isHeldByStressTest: false))
    }
    return constraints
  }
}

extension JSONValue {
  /// A whole or other number.
  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
