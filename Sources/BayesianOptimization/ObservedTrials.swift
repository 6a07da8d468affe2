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

  init(_ study: Study) {
    expectedNoise = study.expectedNoise
    dimensions = study.space.inputDimensions
    scales = ParameterScales(study.space)
    rows = study.trials.compactMap { trial in
      guard let coordinates = study.space.coordinates(of: trial.configuration) else { return nil }
      return Row(trial: trial, coordinates: coordinates)
    }
  }

  /// Points of the trials that are still running.
  var pending: Points {
    let rows = rows.filter(\.trial.isPending)
    return Points(
      rows.map(\.trial.configuration), rows: rows.flatMap(\.coordinates), dimensions: dimensions)
  }
}

extension SearchSpace {
  var inputDimensions: [Inputs.Dimension] {
    parameters.map { $0.domain.isOrdinal ? .ordinal : .categorical }
  }
}
