import Tuning

/// The first configurations, before there is anything to learn from: spread over the levels of
/// every parameter, and away from each other.
///
/// A Latin hypercube over level numbers, the best of many by the smallest distance between two of
/// its points (M. D. McKay, R. J. Beckman, W. J. Conover, *Technometrics* 21, 1979; M. E. Johnson,
/// L. M. Moore, D. Ylvisaker, *Journal of Statistical Planning and Inference* 26, 1990).
struct InitialDesign: Sendable {
  /// Cells of the grid, each once.
  let cells: [Int]

  private static let attempts = 60

  init(_ space: SearchSpace, count: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: 1)
    var best: (points: [[Double]], distance: Double)?
    for _ in 0..<Self.attempts {
      let points = Self.hypercube(space, count, &generator)
      let distance = Self.smallestDistance(points)
      if distance > (best?.distance ?? -1) { best = (points, distance) }
    }
    cells = Self.nearestCells(to: best?.points ?? [], space)
  }

  /// Points on the unit cube, each parameter's range cut into `count` strips of which each holds
  /// one point.
  private static func hypercube(
    _ space: SearchSpace, _ count: Int, _ generator: inout SeededGenerator
  ) -> [[Double]] {
    var points = [[Double]](repeating: [], count: count)
    for _ in space.parameters {
      for (i, strip) in (0..<count).shuffled(using: &generator).enumerated() {
        points[i].append((Double(strip) + generator.nextUnit()) / Double(count))
      }
    }
    return points
  }

  private static func smallestDistance(_ points: [[Double]]) -> Double {
    var smallest = Double.infinity
    for i in points.indices {
      for j in 0..<i {
        let distance = zip(points[i], points[j]).reduce(0) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
        smallest = min(smallest, distance)
      }
    }
    return smallest
  }

  /// Where each parameter's levels stand evenly on 0…1, the cell nearest to each point that isn't
  /// taken yet.
  private static func nearestCells(to points: [[Double]], _ space: SearchSpace) -> [Int] {
    let widths = space.parameters.map { Double($0.domain.levels.count) }
    var taken: [Int] = []
    for point in points {
      var nearest: (cell: Int, distance: Double)?
      for cell in Self.searched(space) where !taken.contains(cell) {
        let numbers = space.levelNumbers(at: cell)
        var distance = 0.0
        for column in numbers.indices {
          let difference = (Double(numbers[column]) + 0.5) / widths[column] - point[column]
          distance += difference * difference
        }
        if distance < (nearest?.distance ?? .infinity) { nearest = (cell, distance) }
      }
      if let nearest { taken.append(nearest.cell) }
    }
    return taken
  }

  /// In a very large space, cells at even steps are near enough.
  private static func searched(_ space: SearchSpace) -> StrideTo<Int> {
    stride(from: 0, to: space.count, by: max(1, space.count / 200_000))
  }
}
