import Glibc
package import Tuning

/// The 99th percentile of the latency over configuration and load: the curves of all trials, by
/// which another bound is answered without measuring again.
///
/// Each curve speaks of the loads that its trial measured, and no others.
package struct LatencySurface: Sendable {
  /// What the curve of one trial says of the greatest rate that keeps a bound.
  package enum Finding: Hashable, Sendable {
    case rate(LoadCurve.RateEstimate)
    /// Even the greatest load that was carried keeps it: the rate is that or more.
    case atLeast(Rate)
    /// Not even the least load that was measured keeps it: the rate is less.
    case below(Rate)
    /// No load step to tell from.
    case unknown
  }

  package struct Place: Sendable {
    package let trial: Trial
    package let curve: LoadCurve?
  }

  private let study: Study
  /// One for each trial that ended, in order.
  package let places: [Place]

  package init(_ study: Study) {
    self.study = study
    places = study.trials.filter { !$0.isPending }.map { trial in
      Place(trial: trial, curve: Self.steps(of: trial).flatMap { LoadCurve(fitting: $0) })
    }
  }

  /// The load steps of a trial, also of one that broke the bound which it was tested with.
  private static func steps(of trial: Trial) -> [LoadStep]? {
    switch trial.outcome {
    case .measured(let measurement) where measurement.isUsable: measurement.loadSteps
    case .infeasible(let why) where why.reason == .constraintBroken: why.measurement?.loadSteps
    default: nil
    }
  }

  /// The 99th percentile in milliseconds of a trial's configuration at a load; nil outside the
  /// loads that it measured.
  package func latencyP99(ofTrial ordinal: Int, at load: Rate) -> LoadCurve.Latency? {
    places.first { $0.trial.ordinal == ordinal }?.curve?.latencyP99(at: load)
  }

  /// - Parameter bound: on the 99th percentile, in milliseconds.
  package func finding(at place: Place, holding bound: Double) -> Finding {
    guard let curve = place.curve else { return .unknown }
    if let rate = curve.greatestRate(holding: bound) { return .rate(rate) }
    let (least, most) = (curve.loads.lowerBound, curve.loads.upperBound)
    if let latency = curve.latencyP99(at: most), latency.value <= bound { return .atLeast(most) }
    return .below(least)
  }
}

// MARK: - The study under another bound

extension LatencySurface {
  /// The study as it would be had its trials been tested with another bound on the 99th percentile:
  /// what the curves can't tell is censored, and a trial of which nothing is known is unusable.
  package func study(holding bound: Double) -> Study {
    var trials = study.trials
    for (index, trial) in trials.enumerated() {
      guard let place = places.first(where: { $0.trial.ordinal == trial.ordinal }) else { continue }
      if let measurement = measurement(at: place, holding: bound) {
        trials[index].outcome = .measured(measurement)
      }
    }
    let constraints =
      study.constraints.filter { $0.metric != .latencyP99 }
      + [Constraint(metric: .latencyP99, maximum: bound, isHeldByStressTest: true)]
    var other = Study(
      name: study.name, space: study.space, objective: study.objective,
      furtherObjectives: study.furtherObjectives, constraints: constraints,
      cost: study.cost, limits: study.limits, expectedNoise: study.expectedNoise, seed: study.seed,
      trials: trials)
    other.earlier = study.earlier
    return other
  }

  /// Nil where the trial's outcome doesn't depend on the bound.
  private func measurement(at place: Place, holding bound: Double) -> Measurement? {
    let old: Measurement
    switch place.trial.outcome {
    case .pending: return nil
    case .measured(let measurement): old = measurement
    case .infeasible(let why):
      guard why.reason == .constraintBroken, let measurement = why.measurement else { return nil }
      old = measurement
    }
    var new = Measurement(values: old.values, loadSteps: old.loadSteps, verdict: old.verdict)
    switch finding(at: place, holding: bound) {
    case .rate(let estimate):
      new.values[.throughput] = estimate.rate.perSecond
      new.values[.latencyP99] = bound
      new.intervals[.throughput] = estimate.interval
      if estimate.interval.lower > 0 {
        new.noise[.throughput] =
          log(estimate.interval.upper / estimate.interval.lower) / 2 / 1.645
      }
    case .atLeast(let rate):
      new.values[.throughput] = rate.perSecond
      new.values[.latencyP99] = bound
      new.censored[.throughput] = .atLeast
    case .below(let rate):
      new.values[.throughput] = rate.perSecond
      new.values[.latencyP99] = bound
      new.censored[.throughput] = .atMost
    case .unknown:
      guard case .measured = place.trial.outcome else { return nil }
      new.verdict = .unusable(["no load step tells of the bound"])
    }
    return new
  }
}
