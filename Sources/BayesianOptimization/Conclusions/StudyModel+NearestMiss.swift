import Tuning

extension StudyModel {
  /// The trial that came closest to meeting every constraint, and what would have to give.
  var nearestMiss: NearestMiss {
    var closest: (trial: Trial, measurement: Measurement, excess: Double)?
    for trial in study.trials {
      guard let measurement = Self.anyMeasurement(of: trial) else { continue }
      let excess = study.constraints.map { Self.excess(of: measurement, over: $0) }.max() ?? 1
      if excess < (closest?.excess ?? .infinity) { closest = (trial, measurement, excess) }
    }
    guard let closest else {
      return NearestMiss(trialOrdinal: nil, configuration: nil, toRelax: failureCounts)
    }
    let toRelax = study.constraints.compactMap { constraint -> String? in
      guard let value = closest.measurement[constraint.metric], value > constraint.maximum else {
        return nil
      }
      return "\(constraint) would have to allow \(Self.rounded(value))"
    }
    return NearestMiss(
      trialOrdinal: closest.trial.ordinal, configuration: closest.trial.configuration,
      toRelax: toRelax.isEmpty ? failureCounts : toRelax)
  }

  private static func anyMeasurement(of trial: Trial) -> Measurement? {
    if case .infeasible(let infeasibility) = trial.outcome {
      infeasibility.measurement
    } else {
      trial.measurement
    }
  }

  /// The metric as a multiple of its bound; a metric that is missing counts as far off.
  private static func excess(of measurement: Measurement, over constraint: Constraint) -> Double {
    guard let value = measurement[constraint.metric] else { return 1e9 }
    return constraint.maximum > 0 ? value / constraint.maximum : 1 + value
  }

  /// "9 trials: out of memory while starting"
  private var failureCounts: [String] {
    var counts: [String: Int] = [:]
    for trial in study.trials {
      guard case .infeasible(let infeasibility) = trial.outcome else { continue }
      counts[infeasibility.summary, default: 0] += 1
    }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { kind, count in
      "\(count) \(count == 1 ? "trial" : "trials"): \(kind)"
    }
  }

  /// Three significant digits are enough to say how far to go.
  private static func rounded(_ value: Double) -> String {
    var scale = 1.0
    while value * scale < 100, scale < 1e6 { scale *= 10 }
    return Level.number((value * scale).rounded(.up) / scale).text
  }
}
