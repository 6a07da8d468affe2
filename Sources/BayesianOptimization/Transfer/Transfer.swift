import GaussianProcess
import Glibc
import Tuning

/// What the study takes over from earlier services.
struct Transfer: Sendable {
  private let earlier: [EarlierService]
  private let locator: GridLocator
  /// The cell of each observation that has one, with its trial.
  private let seen: [(cell: Int, trial: Trial)]
  private let agreement: RankAgreement
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
    let features = seen.map { study.space.coordinates(of: $0.1.configuration).map(scales.features) }
    agreement = RankAgreement(
      earlier,
      Self.metrics(of: study).map { metric in
        var series = Self.series(metric, seen)
        let exponents = scales.usualExponents(of: metric.quantity)
        series.usual = series.places.map { place in
          zip(features[place] ?? [], exponents).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return series
      }, noise: study.expectedNoise)
    logChances = Self.logChances(earlier, seen)
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
    for (place, (cell, trial)) in seen.enumerated() {
      guard let value = trial.measurement?[metric], value > 0, value.isFinite else { continue }
      series.places.append(place)
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

  /// Each service's chances, weighted by how likely they made what was seen; against nothing, which
  /// expects two of three to serve.
  private static func logChances(
    _ earlier: [EarlierService], _ seen: [(cell: Int, trial: Trial)]
  ) -> [Double] {
    func logLikelihood(_ chance: (Int) -> Double) -> Double {
      seen.reduce(0) { sum, entry in
        let served = min(max(chance(entry.cell), 0.05), 0.95)
        return sum + log(entry.trial.measurement != nil ? served : 1 - served)
      }
    }
    let nothing = log(0.1) + logLikelihood { _ in 2.0 / 3 }
    let each = log(0.9 / Double(earlier.count))
    let logs = earlier.map { service in each + logLikelihood { service.chances[$0] } }
    let top = max(nothing, logs.max() ?? nothing)
    let total = exp(nothing - top) + logs.reduce(0) { $0 + exp($1 - top) }
    var chances = [Double](repeating: 0, count: earlier[0].chances.count)
    var trust = 0.0
    for (service, value) in zip(earlier, logs) {
      let weight = exp(value - top) / total
      trust += weight
      for cell in chances.indices { chances[cell] += weight * service.chances[cell] }
    }
    guard trust > 1e-6 else { return chances.map { _ in 0 } }
    return chances.map { trust * log(max($0 / trust, 1e-3)) }
  }

  /// How well earlier services rank what was seen, all together: from 0 to 1.
  var trust: Double { min(agreement.weights.reduce(0, +), 1) }

  /// Whether that is so well that no trials need to be spread over the space first.
  var isTrusted: Bool { trust >= 0.5 }
}
