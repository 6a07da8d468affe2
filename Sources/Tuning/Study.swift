/// A search as a value: what to tune, for what, and what has been tried. What to do next is a
/// function of it.
package struct Study: Sendable {
  package let name: String
  package let space: SearchSpace
  package let objective: Objective
  /// What else counts, beside `objective` and no less; then a front is looked for instead of one
  /// configuration.
  package let furtherObjectives: [Objective]
  package let constraints: [Constraint]
  /// Nil where nothing has a price.
  package let cost: Cost?
  package let limits: SearchLimits
  /// How much equal measurements are expected to differ, as a relative standard deviation. A first
  /// guess: the surrogates learn better.
  package let expectedNoise: Double
  /// Decides all chance in the search.
  package let seed: UInt64
  /// In the order of their ordinals; trial 0 is the baseline where there is one.
  package var trials: [Trial]
  /// Whether the same configuration may be tried again, where that can tell whether it meets a
  /// constraint. Not where a trial gives the same numbers every time.
  package var repeatsTrials = false
  /// What other services have taught; empty for a cold start.
  package var earlier: [EarlierService] = []

  package init(
    name: String, space: SearchSpace, objective: Objective, furtherObjectives: [Objective] = [],
    constraints: [Constraint] = [], cost: Cost? = nil, limits: SearchLimits,
    expectedNoise: Double = 0.03, seed: UInt64,
    trials: [Trial] = []
  ) {
    self.name = name
    self.space = space
    self.objective = objective
    self.furtherObjectives = furtherObjectives
    self.constraints = constraints
    self.cost = cost
    self.limits = limits
    self.expectedNoise = expectedNoise
    self.seed = seed
    self.trials = trials
  }

  package var objectives: [Objective] { [objective] + furtherObjectives }

  /// The same study with one objective alone.
  package func aiming(at objective: Objective) -> Study {
    var study = Study(
      name: name, space: space, objective: objective, constraints: constraints, cost: cost,
      limits: limits, expectedNoise: expectedNoise, seed: seed, trials: trials)
    study.earlier = earlier
    study.repeatsTrials = repeatsTrials
    return study
  }

  /// The objective as measured; nil where a part of it wasn't.
  package func objectiveValue(of measurement: Measurement, at configuration: Configuration)
    -> Double?
  {
    objective.expression.value { name in
      if let metric = measurement[Metric(name)] { return metric }
      return knownValue(of: name, at: configuration)
    }
  }

  /// What a name in the objective stands for without measuring: the cost, or a parameter's level.
  package func knownValue(of name: String, at configuration: Configuration) -> Double? {
    if name == Metric.cost.name, let cost { return cost.perHour(of: configuration) }
    return configuration[ParameterName(name)]?.magnitude
  }

  /// The objective of a trial that was measured and met every constraint; nil also where the
  /// measurement can't be used, or gives no more than an upper bound.
  package func feasibleObjective(of trial: Trial) -> Double? {
    guard let measurement = trial.measurement, measurement.isUsable,
      !measurement.censored.values.contains(.atMost),
      constraints.allSatisfy({ $0.isMet(by: measurement) })
    else { return nil }
    return objectiveValue(of: measurement, at: trial.configuration)
  }

  /// The best feasible trial so far, as measured.
  package var incumbent: Trial? {
    var best: (trial: Trial, value: Double)?
    for trial in trials {
      guard let value = feasibleObjective(of: trial) else { continue }
      if best.map({ objective.isBetter(value, than: $0.value) }) ?? true { best = (trial, value) }
    }
    return best?.trial
  }

  /// Cells of the grid that were started, measured or are pending.
  package var visitedCells: Set<Int> {
    Set(trials.compactMap { space.index(of: $0.configuration) })
  }
}

/// When a search ends.
package struct SearchLimits: Hashable, Sendable {
  /// Trials at most, the baseline included.
  package let trialsMax: Int
  /// The search is over when, with `confidence`, no configuration is better than the recommended
  /// one by more than this.
  package let regretTolerance: Share
  package let confidence: Share

  package init(trialsMax: Int, regretTolerance: Share, confidence: Share) {
    self.trialsMax = trialsMax
    self.regretTolerance = regretTolerance
    self.confidence = confidence
  }
}
