import GaussianProcess
import Tuning

/// Finds the cell of a space that is nearest to a point, level by level.
struct GridLocator: Sendable {
  /// The coordinates of each parameter's levels.
  private let levels: [[Double]]
  /// The cell of each row of level numbers; empty where every combination is allowed.
  private let cells: [[Int]: Int]

  init(_ space: SearchSpace) {
    levels = space.parameters.map { parameter in
      parameter.domain.levels.map { parameter.domain.coordinate(of: $0) ?? 0 }
    }
    let product = levels.reduce(1) { $0 * $1.count }
    cells =
      product == space.count
      ? [:]
      : Dictionary(
        (0..<space.count).map { (space.levelNumbers(at: $0), $0) }, uniquingKeysWith: { $1 })
  }

  /// Nil for a point whose nearest combination isn't allowed.
  func cells(of points: Inputs) -> [Int?] {
    var numbers = [[Int]](repeating: [], count: points.count)
    for (dimension, coordinates) in levels.enumerated() {
      for (point, coordinate) in points.coordinates(along: dimension).enumerated() {
        var nearest = 0
        for number in coordinates.indices
        where abs(coordinates[number] - coordinate) < abs(coordinates[nearest] - coordinate) {
          nearest = number
        }
        numbers[point].append(nearest)
      }
    }
    return numbers.map { row in
      cells.isEmpty ? zip(row, levels).reduce(0) { $0 * $1.1.count + $1.0 } : cells[row]
    }
  }
}
