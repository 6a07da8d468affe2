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

  func appending(_ other: Points) -> Points {
    Points(
      configurations + other.configurations, rows: rows + other.rows,
      features: features + other.features, inputs: inputs.appending(other.inputs))
  }
}
