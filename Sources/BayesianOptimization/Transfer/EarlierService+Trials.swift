import GaussianProcess
import Glibc
package import Tuning

extension EarlierService {
  /// Learns from the trials of another study: a surrogate of each metric's logarithm and of whether a
  /// configuration can serve, read off at every cell of `space`.
  ///
  /// Nil where fewer than three of the measured configurations have a place in the space (a level of
  /// every parameter; ordinal levels may lie between or beyond its own), or where the space is larger
  /// than can be tabulated.
  package init?(name: String, trials: [Trial], over space: SearchSpace) {
    guard space.count <= Self.cellsMax else { return nil }
    let placed = Self.thinned(
      trials.compactMap { trial in
        space.coordinates(of: trial.configuration).map { (trial: trial, coordinates: $0) }
      }, name)
    let measured = placed.filter { $0.trial.measurement != nil }
    guard measured.count >= 3 else { return nil }
    let dimensions = space.inputDimensions
    let grid = Inputs(rows: space.gridCoordinates(), dimensions: dimensions)
    var logMetrics: [Metric: [Double]] = [:]
    for metric in Set(measured.flatMap { $0.trial.measurement?.values.keys.map { $0 } ?? [] }) {
      let rows = measured.compactMap { row in
        row.trial.measurement?[metric].map { (coordinates: row.coordinates, value: $0) }
      }
      guard rows.count >= 3, rows.allSatisfy({ $0.value > 0 && $0.value.isFinite }) else {
        continue
      }
      logMetrics[metric] = Self.means(
        Inputs(rows: rows.flatMap(\.coordinates), dimensions: dimensions),
        rows.map { log($0.value) }, at: grid)
    }
    guard !logMetrics.isEmpty else { return nil }
    self.init(
      name: name, logMetrics: logMetrics,
      chances: Self.chances(
        Inputs(rows: placed.flatMap(\.coordinates), dimensions: dimensions),
        placed.map { $0.trial.measurement != nil }, at: grid))
  }

  private static let cellsMax = 100_000
  /// What is learned of a service grows little beyond this many rows; the time grows with the cube.
  private static let rowsMax = 160
  private static let fittedRowsMax = 60

  /// Finished trials, a seeded part of them where there are many.
  private static func thinned(
    _ rows: [(trial: Trial, coordinates: [Double])], _ name: String
  ) -> [(trial: Trial, coordinates: [Double])] {
    let finished = rows.filter { !$0.trial.isPending }
    guard finished.count > rowsMax else { return finished }
    var generator = SeededGenerator(seed: SeededGenerator.seed(of: name))
    return Array(finished.shuffled(using: &generator).prefix(rowsMax))
  }

  private static func means(_ inputs: Inputs, _ values: [Double], at grid: Inputs) -> [Double]? {
    let center = values.reduce(0, +) / Double(values.count)
    let variance =
      values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)
    let spread = max(variance.squareRoot(), 1e-6)
    let standardized = values.map { ($0 - center) / spread }
    let part = Array(0..<min(values.count, fittedRowsMax))
    let prior = Prior.fitted(
      to: inputs.selecting(part), part.map { standardized[$0] },
      believing: HyperparameterPrior(dimensions: inputs.dimensions))
    guard let posterior = prior.conditioned(on: inputs, standardized),
      values.count < Self.judgedMin || explainedShare(posterior, standardized) >= explainedMin
    else { return nil }
    return posterior.marginals(at: grid).means.map { center + spread * $0 }
  }

  /// Of the variance of some values, the share that each one's prediction from the others explains.
  private static func explainedShare(_ posterior: Posterior, _ values: [Double]) -> Double {
    let missed = zip(values, posterior.leaveOneOut.means).reduce(0) { sum, pair in
      sum + (pair.0 - pair.1) * (pair.0 - pair.1)
    }
    let all = values.reduce(0) { $0 + $1 * $1 }
    return all > 0 ? 1 - missed / all : 1
  }

  /// A table whose values don't follow from one another tells nothing of another service: its rows may
  /// have been exchanged, or it is all noise.
  private static let explainedMin = 0.3
  /// Of so few observations it can't be told.
  private static let judgedMin = 12

  private static func chances(_ inputs: Inputs, _ served: [Bool], at grid: Inputs) -> [Double] {
    let prior = HyperparameterPrior(dimensions: inputs.dimensions)
    let hyperparameters = Hyperparameters(
      logLengthScales: prior.lengthScales.map(\.mean), logSignalVariance: log(4),
      logTrendVariance: log(4), logNoiseVariance: 0)
    guard served.contains(false),
      let boundary = LaplaceClassifier(
        hyperparameters: hyperparameters, inputs: inputs, labels: served, priorMean: 1)
    else { return [Double](repeating: 1, count: grid.count) }
    return boundary.probabilities(at: grid)
  }
}
