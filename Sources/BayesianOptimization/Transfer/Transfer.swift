import GaussianProcess
import Glibc
import Tuning

/// What the study takes over from earlier services.
struct Transfer: Sendable {
  let earlier: [EarlierService]
  private let locator: GridLocator
  /// The cell of each observation that has one, with its trial.
  private let seen: [(cell: Int, trial: Trial)]
  let agreement: RankAgreement
  /// log P(it serves) at each cell by the earlier services that foresaw what was seen; the more was
  /// seen otherwise, the nearer to 0.
  private let logChances: [Double]

  /// Nil for a cold start.
  init?(_ study: Study) {
    let earlier = study.earlier.filter { $0.chances.count == study.space.count }
    guard !earlier.isEmpty else { return nil }
    self.earlier = earlier
    locator = GridLocator(study.space)
    let seen = study.trials.compactMap { trial in
      trial.isPending ? nil : study.space.index(of: trial.configuration).map { ($0, trial) }
    }
    self.seen = seen
    let scales = ParameterScales(study.space)
    let metrics = Self.metrics(of: study)
    let sampled = Self.sampledCells(study.space, max: 100)
    agreement = RankAgreement(
      earlier, metrics.map { Self.series($0, seen) },
      usual: metrics.map { metric in
        RankAgreement.Series(
          metric: metric, cells: sampled,
          values: Self.usual(metric, study.space, sampled, scales))
      }, noise: study.expectedNoise)
    logChances = Self.logChances(earlier, agreement.weights, seen)
  }

  /// All cells, or so many of them, drawn with a fixed seed.
  static func sampledCells(_ space: SearchSpace, max count: Int) -> [Int] {
    guard space.count > count else { return Array(0..<space.count) }
    var generator = SeededGenerator(seed: 11)
    return (0..<count).map { _ in Int.random(in: 0..<space.count, using: &generator) }
  }

  /// What is usual of a metric at cells.
  private static func usual(
    _ metric: Metric, _ space: SearchSpace, _ cells: [Int], _ scales: ParameterScales
  ) -> [Double] {
    let rows = cells.flatMap { cell in
      space.coordinates(of: space.configuration(at: cell)) ?? []
    }
    return UsualTrend(of: metric.quantity, scales).values(scales.features(rows))
  }

  /// What objectives and constraints are made of.
  private static func metrics(of study: Study) -> [Metric] {
    Set(
      study.objectives.flatMap(\.expression.names).map { Metric($0) }
        + study.constraints.map(\.metric)
    ).sorted { $0.name < $1.name }
  }

  private static func series(_ metric: Metric, _ seen: [(cell: Int, trial: Trial)])
    -> RankAgreement.Series
  {
    var series = RankAgreement.Series(metric: metric)
    for (cell, trial) in seen {
      guard let value = trial.measurement?[metric], value > 0, value.isFinite else { continue }
      series.cells.append(cell)
      series.values.append(log(value))
    }
    return series
  }

  /// What to expect of a metric; nil when no earlier service has it.
  func mean(of metric: Metric) -> TransferredMean? {
    let series = Self.series(metric, seen)
    let tables = zip(earlier, agreement.weights).compactMap { service, weight in
      service.logMetrics[metric].map { (logMetric: $0, weight: weight) }
    }
    return TransferredMean(tables, observed: series.values, at: series.cells, locator)
  }

  func logChances(at points: Inputs) -> [Double] {
    locator.cells(of: points).map { $0.map { logChances[$0] } ?? 0 }
  }

  /// Each service's chances, weighted by how well it ranks and how likely it made what was seen; against
  /// nothing, which expects two of three to serve.
  private static func logChances(
    _ earlier: [EarlierService], _ weights: [Double], _ seen: [(cell: Int, trial: Trial)]
  ) -> [Double] {
    func logLikelihood(_ chance: (Int) -> Double) -> Double {
      seen.reduce(0) { sum, entry in
        let served = min(max(chance(entry.cell), 0.05), 0.95)
        return sum + log(entry.trial.measurement != nil ? served : 1 - served)
      }
    }
    let trust = min(weights.reduce(0, +), 1)
    let nothing = log(max(1 - trust, 1e-6)) + logLikelihood { _ in 2.0 / 3 }
    let logs = zip(earlier, weights).map { service, weight in
      log(max(weight, 1e-12)) + logLikelihood { service.chances[$0] }
    }
    let top = max(nothing, logs.max() ?? nothing)
    let total = exp(nothing - top) + logs.reduce(0) { $0 + exp($1 - top) }
    var chances = [Double](repeating: 0, count: earlier[0].chances.count)
    var sum = 0.0
    for (service, value) in zip(earlier, logs) {
      let weight = exp(value - top) / total
      sum += weight
      for cell in chances.indices { chances[cell] += weight * service.chances[cell] }
    }
    guard sum > 1e-6 else { return chances.map { _ in 0 } }
    return chances.map { sum * log(max($0 / sum, 1e-3)) }
  }

  /// How well earlier services rank what was seen, all together: from 0 to 1.
  var trust: Double { min(agreement.weights.reduce(0, +), 1) }

  /// Whether that is so well that no trials need to be spread over the space first.
  var isTrusted: Bool { trust >= 0.5 }
}
