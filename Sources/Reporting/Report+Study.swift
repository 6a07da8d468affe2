package import Tuning

extension Report {
  /// The report of a search that ended.
  /// - Parameters:
  ///   - startedAt: ISO 8601.
  ///   - stopReason: nil when the search was interrupted.
  ///   - gain: the recommended configuration's objective as a multiple of the baseline's; where
  ///     none is given it is the ratio of the two, without an interval.
  ///   - regretBounds: by the ordinal of the trial after which each was computed.
  ///   - patch: the JSON Patch for the Inference; nil where there is none to patch.
  package init(
    toolVersion: String, study: Study, startedAt: String?, duration: Duration?,
    sampling: Sampling, stopReason: StopReason?, conclusion: Conclusion, gain: Estimate? = nil,
    regretBounds: [Int: Share] = [:], curves: Curves = Curves(), patch: JSON? = nil,
    patches: PatchTexts = PatchTexts(), notes: [String] = [],
    environment: Environment = Environment()
  ) {
    schemaVersion = Self.currentSchemaVersion
    tool = Tool(name: "morphling", version: toolVersion)
    experiment = Experiment(
      name: study.name, seed: study.seed, startedAt: startedAt, seconds: duration?.seconds)
    space = Space(study.space)
    objective = Goal(
      direction: study.objective.direction, expression: study.objective.expression.description)
    constraints = study.constraints.map(Bound.init)
    cost = study.cost.map(CostTable.init)
    limits = Limits(
      trialsMax: study.limits.trialsMax,
      regretTolerance: study.limits.regretTolerance.fraction,
      confidence: study.limits.confidence.fraction)
    self.sampling = Sampled(
      visited: sampling.visited, pruned: sampling.pruned, total: sampling.total,
      share: sampling.share.fraction)
    self.stopReason = stopReason?.rawValue
    trials = study.trials.compactMap { Entry($0, in: study) }
    baseline = Baseline(
      study.trials.first { $0.ordinal == 0 }, entry: trials.first { $0.ordinal == 0 })
    progress = Self.progress(of: study, regretBounds: regretBounds)
    switch conclusion {
    case .recommended(let advice):
      recommendation = Advice(advice, in: study)
      reason = nil
      nearestMiss = nil
    case .nothingFeasible(let miss):
      recommendation = nil
      nearestMiss = Miss(miss)
      reason = Self.reason(for: miss)
    }
    front = Front(study, conclusion)
    self.gain = gain ?? Self.gain(of: recommendation, over: baseline, in: trials)
    self.curves = curves
    self.patch = patch
    self.patches = patches
    self.notes = notes
    self.environment = environment
  }

  /// The incumbent after each trial that ended.
  private static func progress(of study: Study, regretBounds: [Int: Share]) -> [Progress] {
    var incumbent: Double?
    return study.trials.filter { !$0.isPending }.map { trial in
      if let value = study.feasibleObjective(of: trial),
        incumbent.map({ study.objective.isBetter(value, than: $0) }) ?? true
      {
        incumbent = value
      }
      return Progress(
        ordinal: trial.ordinal, incumbent: incumbent,
        regretBound: regretBounds[trial.ordinal]?.fraction)
    }
  }

  /// Nil unless the baseline is feasible: a number won by breaking a bound is nothing to compare
  /// with.
  private static func gain(
    of advice: Advice?, over baseline: Baseline, in trials: [Entry]
  ) -> Estimate? {
    guard let advice, let before = baseline.objective, baseline.reason == nil,
      let after = advice.expected[Metric.objective.name]
        ?? trials.first(where: { $0.ordinal == advice.trial })?.objective,
      before > 0, after > 0, (after / before).isFinite
    else { return nil }
    return Estimate(expected: after / before)
  }

  private static func reason(for miss: NearestMiss) -> String {
    guard !miss.toRelax.isEmpty else { return "No configuration that was tried could be measured." }
    return "No configuration that was tried meets every constraint. "
      + miss.toRelax.map(\.asSentence).joined(separator: " ")
  }
}

extension Report.Space {
  init(_ space: SearchSpace) {
    configurations = space.count
    parameters = space.parameters.map(Report.Knob.init)
  }
}

extension Report.Knob {
  init(_ parameter: Parameter) {
    name = parameter.name.text
    kind = parameter.domain.kind
    scale = parameter.domain.scale
    levels = parameter.domain.levels.map(JSON.init(level:))
    target =
      switch parameter.target {
      case .resource(let name): "resource \(name)"
      case .environment(let name): "environment \(name)"
      case .argument(let flag): flag.map { "argument \($0)" } ?? "argument"
      case .batching(let environment): "batching \(environment)"
      case .column: "column"
      }
  }
}

extension Report.Bound {
  init(_ constraint: Constraint) {
    metric = constraint.metric.name
    max = constraint.maximum
    heldByStressTest = constraint.isHeldByStressTest
  }
}

extension Report.CostTable {
  init(_ cost: Cost) {
    fixed = cost.fixed
    var perUnit: [String: Double] = [:]
    var perChoice: [String: [String: Double]] = [:]
    for (name, price) in cost.prices {
      switch price {
      case .perUnit(let price): perUnit[name.text] = price
      case .perChoice(let prices): perChoice[name.text] = prices
      }
    }
    self.perUnit = perUnit
    self.perChoice = perChoice
  }
}

extension Report.Baseline {
  init(_ trial: Trial?, entry: Report.Entry?) {
    configuration = trial.map { Spec($0.configuration) }
    objective = entry?.objective
    measured = entry?.outcome == .measured ? entry?.measured : nil
    if let entry {
      reason = entry.reason
    } else {
      reason = trial == nil ? "There was no baseline." : "Its trial did not end."
    }
  }
}

extension Report.Advice {
  init(_ advice: Recommendation, in study: Study) {
    config = Spec(advice.configuration)
    expected = advice.expected.named
    lower = advice.intervals.mapValues(\.lower).named
    upper = advice.intervals.mapValues(\.upper).named
    regret = advice.regretBound?.fraction
    reason = advice.reason
    trial = advice.trialOrdinal
    costPerHour = study.cost?.perHour(of: advice.configuration)
  }
}

extension Report.Miss {
  init(_ miss: NearestMiss) {
    trial = miss.trialOrdinal
    configuration = miss.configuration.map(Spec.init)
    toRelax = miss.toRelax
  }
}

extension Report.Entry {
  /// Nil for a trial that never ended.
  init?(_ trial: Trial, in study: Study) {
    let failure: Infeasibility?
    let measurement: Measurement?
    switch trial.outcome {
    case .pending: return nil
    case .measured(let measured): (measurement, failure, outcome) = (measured, nil, .measured)
    case .infeasible(let why): (measurement, failure, outcome) = (why.measurement, why, .infeasible)
    }
    ordinal = trial.ordinal
    configuration = Spec(trial.configuration)
    measured = measurement?.values.named
    lower = measurement?.intervals.mapValues(\.lower).named ?? [:]
    upper = measurement?.intervals.mapValues(\.upper).named ?? [:]
    objective =
      failure == nil
      ? measurement.flatMap { study.objectiveValue(of: $0, at: trial.configuration) } : nil
    feasible = study.feasibleObjective(of: trial) != nil
    let broken = measurement.map { Self.brokenBounds(by: $0, in: study) } ?? []
    if let failure {
      (reason, reasonKind) = (Self.sentence(failure), failure.reason.rawValue)
    } else if !broken.isEmpty {
      (reason, reasonKind) = (broken.joined(separator: "; "), "broke a constraint")
    } else if let measurement, !measurement.isUsable {
      (reason, reasonKind) = (measurement.doubts.joined(separator: "; "), "measurement not used")
    } else if let rate = measurement?.censored[.throughput] == .atMost
      ? measurement?[.throughput] : nil
    {
      let label = MetricLabel(Metric.throughput.name)
      reason = "cut early: its \(label.name) is at most \(label.text(rate))"
      reasonKind = "cut early"
    } else if !feasible {
      reason = "the objective can't be computed from what was measured"
      reasonKind = "no objective"
    } else {
      (reason, reasonKind) = (nil, nil)
    }
    costPerHour = study.cost?.perHour(of: trial.configuration)
    seconds = trial.duration?.seconds
    switch measurement?.verdict {
    case .sound: verdict = "sound"
    case .doubtful: verdict = "doubtful"
    case .unusable: verdict = "unusable"
    case nil: verdict = nil
    }
    doubts = measurement?.doubts ?? []
    lastLogLines = failure?.lastLogLines ?? []
    loadSteps = measurement?.loadSteps.filter(\.isFinite) ?? []
  }

  private static func sentence(_ failure: Infeasibility) -> String {
    failure.detail.isEmpty ? failure.summary : "\(failure.summary): \(failure.detail)"
  }

  private static func brokenBounds(by measurement: Measurement, in study: Study) -> [String] {
    study.constraints.filter { !$0.isMet(by: measurement) }.map { constraint in
      let label = MetricLabel(constraint.metric.name)
      guard let value = measurement[constraint.metric] else {
        return "\(label.name) was not measured"
      }
      return "\(label.name) of \(label.text(value)) is over \(label.text(constraint.maximum))"
    }
  }
}

extension Dictionary where Key == Metric, Value == Double {
  /// By name; a number that isn't finite tells nothing and is left out.
  fileprivate var named: [String: Double] {
    Dictionary<String, Double>(
      uniqueKeysWithValues: filter(\.value.isFinite).map { ($0.key.name, $0.value) })
  }
}

extension String {
  /// With a full stop at its end.
  var asSentence: String {
    guard let last else { return self }
    return ".!?".contains(last) ? self : self + "."
  }
}
