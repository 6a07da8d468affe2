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
  let scales: ParameterScales
  /// Nil for a cold start.
  let transfer: Transfer?

  init(_ study: Study) {
    transfer = Transfer(study)
    expectedNoise = study.expectedNoise
    dimensions = study.space.inputDimensions
    scales = ParameterScales(study.space)
    rows = study.trials.compactMap { trial in
      guard let coordinates = study.space.coordinates(of: trial.configuration) else { return nil }
      return Row(trial: trial, coordinates: coordinates)
    }
  }

  /// Points and values of the trials whose measurement can be used and for which `value` gives a
  /// finite one.
  func values(_ value: (Configuration, Measurement) -> Double?) -> (
    points: Points, values: [Double]
  ) {
    var found: [Row] = []
    var values: [Double] = []
    for row in rows {
      guard let measurement = row.trial.measurement, measurement.isUsable,
        let number = value(row.trial.configuration, measurement), number.isFinite
      else { continue }
      found.append(row)
      values.append(number)
    }
    return (points(of: found), values)
  }

  /// Points of the trials that are still running.
  var pending: Points { points(of: rows.filter(\.trial.isPending)) }

  private func points(of rows: [Row]) -> Points {
    Points(
      rows.map(\.trial.configuration), rows: rows.flatMap(\.coordinates), scales,
      dimensions: dimensions)
  }
}

extension SearchSpace {
  var inputDimensions: [Inputs.Dimension] {
    parameters.map { $0.domain.isOrdinal ? .ordinal : .categorical }
  }
}
