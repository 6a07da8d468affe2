import GaussianProcess
import Glibc
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
  let visitedCells: Set<Int>
  let hasSeveralObjectives: Bool
  let hasCutTrials: Bool

  init(_ study: Study) {
    transfer = Transfer(study)
    visitedCells = study.visitedCells
    hasCutTrials = study.trials.contains { $0.measurement?.censored.isEmpty == false }
    hasSeveralObjectives = !study.furtherObjectives.isEmpty
    expectedNoise = study.expectedNoise
    dimensions = study.space.inputDimensions
    scales = ParameterScales(study.space)
    rows = study.trials.compactMap { trial in
      guard let coordinates = study.space.coordinates(of: trial.configuration) else { return nil }
      return Row(trial: trial, coordinates: coordinates)
    }
  }

  /// What was observed of a metric.
  struct Observations {
    let points: Points
    var values: [Double] = []
    /// The variance of each value as a multiple of the expected one.
    var noiseFactors: [Double] = []
    var censoring: [Censoring] = []
  }

  /// Of the trials whose measurement can be used and for which `value` gives a finite one.
  func observations(of metric: Metric, _ value: (Configuration, Measurement) -> Double?)
    -> Observations
  {
    var found: [(row: Row, measurement: Measurement, value: Double)] = []
    for row in rows {
      guard let measurement = row.trial.measurement, measurement.isUsable,
        let number = value(row.trial.configuration, measurement), number.isFinite
      else { continue }
      found.append((row, measurement, number))
    }
    return Observations(
      points: points(of: found.map(\.row)), values: found.map(\.value),
      noiseFactors: found.map { noiseFactor($0.measurement.noise[metric]) },
      censoring: found.map { Self.censoring($0.measurement.censored[metric]) })
  }

  /// How many seconds the trials took that could be measured.
  var durations: Observations {
    let timed = rows.compactMap { row in
      row.trial.measurement == nil ? nil : row.trial.duration.map { (row, $0) }
    }
    return Observations(
      points: points(of: timed.map(\.0)), values: timed.map { exp(TrialExpense.logSeconds($0.1)) },
      noiseFactors: timed.map { _ in 1 }, censoring: timed.map { _ in .none })
  }

  /// What a stress test says of its own noise is an estimate, counts within bounds, and leaves out what
  /// no repetition of it would show, such as the neighbours on that day: half of the variance is always
  /// the usual one.
  private func noiseFactor(_ noise: Double?) -> Double {
    guard let noise, noise > 0, expectedNoise > 0 else { return 1 }
    let ratio = noise / expectedNoise
    return 0.5 + 0.5 * min(max(ratio * ratio, 0.25), 9)
  }

  private static func censoring(_ censored: Measurement.Censoring?) -> Censoring {
    switch censored {
    case nil: .none
    case .atMost: .atMost
    case .atLeast: .atLeast
    }
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
