import GaussianProcess
import Tuning

/// The trials of a study that a surrogate can learn from, with their places in the space.
struct ObservedTrials: Sendable {
  struct Row: Sendable {
    let trial: Trial
    let coordinates: [Double]
  }

  let rows: [Row]
  /// Of equal measurements, as a relative standard deviation.
  let expectedNoise: Double
  let dimensions: [Inputs.Dimension]
  /// Nil for a cold start.
  let transfer: Transfer?

  init(_ study: Study) {
    transfer = Transfer(study)
    expectedNoise = study.expectedNoise
    dimensions = study.space.inputDimensions
    rows = study.trials.compactMap { trial in
      guard let coordinates = study.space.coordinates(of: trial.configuration) else { return nil }
      return Row(trial: trial, coordinates: coordinates)
    }
  }

  func values(of metric: Metric) -> (inputs: Inputs, values: [Double]) {
    values { _, measurement in measurement[metric] }
  }

  /// Points and values of the trials whose measurement can be used and for which `value` gives a
  /// finite one.
  func values(
    _ value: (Configuration, Measurement) -> Double?
  ) -> (inputs: Inputs, values: [Double]) {
    var coordinates: [Double] = []
    var values: [Double] = []
    for row in rows {
      guard let measurement = row.trial.measurement, measurement.isUsable,
        let found = value(row.trial.configuration, measurement), found.isFinite
      else { continue }
      coordinates += row.coordinates
      values.append(found)
    }
    return (Inputs(rows: coordinates, dimensions: dimensions), values)
  }

  /// Points of the trials that are still running.
  var pending: Inputs {
    Inputs(
      rows: rows.filter(\.trial.isPending).flatMap(\.coordinates), dimensions: dimensions)
  }
}

extension SearchSpace {
  var inputDimensions: [Inputs.Dimension] {
    parameters.map { $0.domain.isOrdinal ? .ordinal : .categorical }
  }
}
