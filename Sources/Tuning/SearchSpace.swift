/// All parameters, and which combinations of their levels are allowed: a finite grid, every cell
/// of which has an index from 0 to `count - 1`.
package struct SearchSpace: Hashable, Sendable {
  package let parameters: [Parameter]
  package let count: Int

  /// Level numbers of the allowed cells, row by row; nil when every combination is allowed.
  private let rows: [[Int]]?
  /// The index of each allowed row; empty when every combination is allowed.
  private let cells: [[Int]: Int]

  /// Every combination of the parameters' levels.
  package init(_ parameters: [Parameter]) throws(SearchSpaceError) {
    try Self.check(parameters)
    var product = 1
    for parameter in parameters {
      let (next, overflowed) = product.multipliedReportingOverflow(
        by: parameter.domain.levels.count)
      guard !overflowed, next <= Self.configurationsMax else {
        throw .tooLarge(max: Self.configurationsMax)
      }
      product = next
    }
    self.parameters = parameters
    self.count = product
    self.rows = nil
    self.cells = [:]
  }

  /// Only the given combinations.
  /// - Parameter allowed: one level for each parameter, in their order; no row twice.
  package init(_ parameters: [Parameter], allowed: [[Level]]) throws(SearchSpaceError) {
    try Self.check(parameters)
    guard !allowed.isEmpty else { throw .noConfigurations }
    var rows: [[Int]] = []
    var cells: [[Int]: Int] = [:]
    for levels in allowed {
      let row = try Self.levelNumbers(of: levels, in: parameters)
      guard cells.updateValue(rows.count, forKey: row) == nil else {
        throw .duplicateConfiguration(levels.map(\.text).joined(separator: ", "))
      }
      rows.append(row)
    }
    self.parameters = parameters
    self.count = rows.count
    self.rows = rows
    self.cells = cells
  }

  /// So that a cell has a number: twenty parameters of eight levels, and more.
  package static let configurationsMax = 4_000_000_000_000_000_000

  package subscript(name: ParameterName) -> Parameter? { parameters.first { $0.name == name } }

  /// The level numbers of a cell, one for each parameter.
  package func levelNumbers(at index: Int) -> [Int] {
    if let rows { return rows[index] }
    var rest = index
    var numbers = [Int](repeating: 0, count: parameters.count)
    for column in parameters.indices.reversed() {
      (rest, numbers[column]) = rest.quotientAndRemainder(
        dividingBy: parameters[column].domain.levels.count)
    }
    return numbers
  }

  package func configuration(at index: Int) -> Configuration {
    let numbers = levelNumbers(at: index)
    return Configuration(
      parameters.indices.map { column in
        .init(
          name: parameters[column].name, level: parameters[column].domain.levels[numbers[column]])
      })
  }

  /// The cell of a configuration; nil when it is not one of the space's.
  package func index(of configuration: Configuration) -> Int? {
    var row: [Int] = []
    for parameter in parameters {
      guard let level = configuration[parameter.name],
        let number = parameter.domain.levels.firstIndex(of: level)
      else { return nil }
      row.append(number)
    }
    return self.index(ofLevelNumbers: row)
  }

  /// The cell of level numbers, one for each parameter; nil when that combination isn't allowed.
  package func index(ofLevelNumbers row: [Int]) -> Int? {
    guard rows == nil else { return cells[row] }
    return zip(row, parameters).reduce(0) { $0 * $1.1.domain.levels.count + $1.0 }
  }

  /// Where a configuration stands, one coordinate for each parameter: ordinals on 0…1 by their
  /// scale (beyond it when the baseline lies outside the grid), choices by their number. Nil when
  /// a parameter is missing or of another kind.
  package func coordinates(of configuration: Configuration) -> [Double]? {
    var result: [Double] = []
    for parameter in parameters {
      guard let level = configuration[parameter.name],
        let coordinate = parameter.domain.coordinate(of: level)
      else { return nil }
      result.append(coordinate)
    }
    return result
  }

  /// The coordinates of every cell, row-major: `count` × `parameters.count`.
  package func gridCoordinates() -> [Double] {
    let coordinates = parameters.map { parameter in
      parameter.domain.levels.map { parameter.domain.coordinate(of: $0) ?? 0 }
    }
    var result: [Double] = []
    result.reserveCapacity(count * parameters.count)
    for index in 0..<count {
      let numbers = levelNumbers(at: index)
      for column in parameters.indices { result.append(coordinates[column][numbers[column]]) }
    }
    return result
  }

  private static func check(_ parameters: [Parameter]) throws(SearchSpaceError) {
    guard !parameters.isEmpty else { throw .noParameters }
    var names: Set<ParameterName> = []
    for parameter in parameters where !names.insert(parameter.name).inserted {
      throw .duplicateParameter(parameter.name)
    }
  }

  private static func levelNumbers(
    of levels: [Level], in parameters: [Parameter]
  ) throws(SearchSpaceError) -> [Int] {
    var numbers: [Int] = []
    for (level, parameter) in zip(levels, parameters) {
      guard let number = parameter.domain.levels.firstIndex(of: level) else {
        throw .unknownLevel(parameter: parameter.name, level: level.text)
      }
      numbers.append(number)
    }
    return numbers
  }

}

/// Why parameters make no search space.
package enum SearchSpaceError: Error, Equatable, CustomStringConvertible {
  case noParameters
  case noConfigurations
  case duplicateParameter(ParameterName)
  case duplicateConfiguration(String)
  case unknownLevel(parameter: ParameterName, level: String)
  case tooLarge(max: Int)

  package var description: String {
    switch self {
    case .noParameters: "no parameters; at least one is needed"
    case .noConfigurations: "no configuration is allowed; at least one is needed"
    case .duplicateParameter(let name):
      "parameter \"\(name)\" is there twice; give each a name of its own"
    case .duplicateConfiguration(let row): "configuration (\(row)) is there twice; give it once"
    case .unknownLevel(let name, let level): "\"\(level)\" is not a level of \"\(name)\""
    case .tooLarge(let max): "more than \(max) configurations; give fewer levels"
    }
  }
}
