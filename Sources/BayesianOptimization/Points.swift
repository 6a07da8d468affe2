import GaussianProcess
import Glibc
import Tuning

/// Configurations with their places in the space.
struct Points: Sendable {
  let configurations: [Configuration]
  /// Coordinates, row-major.
  let rows: [Double]
  let inputs: Inputs

  var count: Int { configurations.count }

  init(_ configurations: [Configuration], rows: [Double], dimensions: [Inputs.Dimension]) {
    self.configurations = configurations
    self.rows = rows
    inputs = Inputs(rows: rows, dimensions: dimensions)
  }

  func appending(_ other: Points) -> Points {
    Points(
      configurations + other.configurations, rows: rows + other.rows,
      dimensions: inputs.dimensions)
  }
}

/// What coordinates mean to a model of the machine: which parameters supply memory, which demand
/// it, and by which factor a level exceeds the lowest.
struct ParameterScales: Sendable {
  private enum Scale: Sendable {
    case logarithmic(range: Double)
    /// low + x (high − low), as a multiple of low.
    case linear(growth: Double)
    case shapeless
  }

  let effects: [Parameter.Effect]
  let isOrdinal: [Bool]
  let levelCounts: [Int]
  private let scales: [Scale]

  init(_ space: SearchSpace) {
    effects = space.parameters.map(\.effect)
    isOrdinal = space.parameters.map(\.domain.isOrdinal)
    levelCounts = space.parameters.map(\.domain.levels.count)
    scales = space.parameters.map { parameter in
      guard let low = parameter.domain.levels.first?.magnitude,
        let high = parameter.domain.levels.last?.magnitude, low > 0, high > low
      else { return .shapeless }
      switch parameter.domain.scale {
      case .logarithmic: return .logarithmic(range: log(high / low))
      case .linear: return .linear(growth: high / low - 1)
      }
    }
  }

  var count: Int { effects.count }

  /// log(level / lowest level); the coordinate itself where levels have no ratio.
  func logRatio(_ column: Int, _ coordinate: Double) -> Double {
    switch scales[column] {
    case .logarithmic(let range): range * coordinate
    case .linear(let growth): log(max(1 + growth * coordinate, 1e-3))
    case .shapeless: coordinate
    }
  }

  /// Σ log(level / lowest) over the parameters that demand: by which factor more is under way.
  func logDemand(_ rows: [Double]) -> [Double] {
    let columns = effects.indices.filter { effects[$0] == .demand && isOrdinal[$0] }
    return (0..<(rows.count / max(count, 1))).map { i in
      columns.reduce(0) { $0 + logRatio($1, rows[i * count + $1]) }
    }
  }

  var hasDemand: Bool { effects.contains(.demand) }
}
