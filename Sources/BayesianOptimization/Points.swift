import GaussianProcess
import Tuning

/// Configurations with their places in the space.
struct Points: Sendable {
  let configurations: [Configuration]
  /// Coordinates, row-major.
  let rows: [Double]
  /// What power laws are made of, row-major (`ParameterScales.features`).
  let features: [Double]
  let inputs: Inputs

  var count: Int { configurations.count }

  init(
    _ configurations: [Configuration], rows: [Double], _ scales: ParameterScales,
    dimensions: [Inputs.Dimension]
  ) {
    self.init(
      configurations, rows: rows, features: scales.features(rows),
      inputs: Inputs(rows: rows, dimensions: dimensions))
  }

  private init(
    _ configurations: [Configuration], rows: [Double], features: [Double], inputs: Inputs
  ) {
    self.configurations = configurations
    self.rows = rows
    self.features = features
    self.inputs = inputs
  }

  /// The points with the given numbers, in that order.
  func selecting(_ numbers: [Int]) -> Points {
    func rows(_ all: [Double]) -> [Double] {
      let width = all.count / max(count, 1)
      return numbers.flatMap { all[($0 * width)..<(($0 + 1) * width)] }
    }
    return Points(
      numbers.map { configurations[$0] }, rows: rows(self.rows), features: rows(features),
      inputs: inputs.selecting(numbers))
  }

  func appending(_ other: Points) -> Points {
    Points(
      configurations + other.configurations, rows: rows + other.rows,
      features: features + other.features, inputs: inputs.appending(other.inputs))
  }
}
