/// Points in the input space, stored dimension by dimension: `values[k * count + i]` is
/// coordinate `k` of point `i`, so that distances are summed over contiguous memory.
package struct Inputs: Sendable {
  /// How the distance along a dimension is measured.
  package enum Dimension: Hashable, Sendable {
    /// Coordinates on about 0…1, told apart by their difference.
    case ordinal
    /// Category numbers, whole and from 0 up: equal or not.
    case categorical
  }

  package let count: Int
  package let dimensions: [Dimension]
  let values: [Double]

  /// One more than the greatest category number of each categorical dimension, 0 for the others.
  package var categoryCounts: [Int] {
    dimensions.indices.map { k in
      guard dimensions[k] == .categorical else { return 0 }
      return values[(k * count)..<((k + 1) * count)].reduce(0) { max($0, Int($1) + 1) }
    }
  }

  /// - Parameter rows: row-major, `count` × `dimensions.count`, all finite.
  package init(rows: [Double], dimensions: [Dimension]) {
    precondition(!dimensions.isEmpty && rows.count.isMultiple(of: dimensions.count))
    let count = rows.count / dimensions.count
    var values = [Double](repeating: 0, count: rows.count)
    for i in 0..<count {
      for k in dimensions.indices { values[k * count + i] = rows[i * dimensions.count + k] }
    }
    self.count = count
    self.dimensions = dimensions
    self.values = values
  }

  private init(values: [Double], count: Int, dimensions: [Dimension]) {
    self.values = values
    self.count = count
    self.dimensions = dimensions
  }

  /// Coordinate `dimension` of each point.
  package func coordinates(along dimension: Int) -> ArraySlice<Double> {
    values[(dimension * count)..<((dimension + 1) * count)]
  }

  /// The points with the given numbers, in that order.
  package func selecting(_ points: [Int]) -> Inputs {
    var selected: [Double] = []
    selected.reserveCapacity(points.count * dimensions.count)
    for k in dimensions.indices {
      for point in points { selected.append(values[k * count + point]) }
    }
    return Inputs(values: selected, count: points.count, dimensions: dimensions)
  }

  /// The points of `self`, then those of `other`.
  package func appending(_ other: Inputs) -> Inputs {
    precondition(dimensions == other.dimensions)
    var joined: [Double] = []
    joined.reserveCapacity(values.count + other.values.count)
    for k in dimensions.indices {
      joined += values[(k * count)..<((k + 1) * count)]
      joined += other.values[(k * other.count)..<((k + 1) * other.count)]
    }
    return Inputs(values: joined, count: count + other.count, dimensions: dimensions)
  }
}
