package import Kubernetes
package import Tuning

/// The status of an experiment, as a value that is written whole.
package struct ExperimentStatus: Sendable {
  package var stage: ExperimentStage
  package var observedGeneration: Int
  /// Standard ones: `Progressing`, `Degraded`, `Ready`; any others stay.
  package var conditions: [Condition]
  package var startTime: Timestamp?
  package var completionTime: Timestamp?
  /// Nil where the experiment can't be decoded; then what stands there about trials stays.
  private let study: Study?
  private let parameters: [Parameter]
  private let running: Int
  private let old: JSONValue?

  /// What is wrong though the experiment goes on: one word, and a sentence.
  package struct Trouble: Hashable, Sendable {
    package let reason: String
    package let message: String
    package init(reason: String, message: String) {
      self.reason = reason
      self.message = message
    }
  }

  /// What follows from where the experiment stands.
  /// - Parameters:
  ///   - object: the experiment; its conditions keep their transition times, and it its start.
  ///   - running: trials of the study whose candidates run; other pending ones wait.
  package init(
    of object: KubernetesObject, _ stage: ExperimentStage, study: Study?, running: Int = 0,
    trouble: Trouble? = nil, at now: Timestamp
  ) {
    self.stage = stage
    self.study = study
    self.parameters = study?.space.parameters ?? []
    self.running = running
    self.old = object.status
    self.observedGeneration = object.generation
    // What became of a recommendation of an earlier spec says nothing of this one.
    self.conditions = object.conditions.filter {
      $0.type != WriteBackStage.conditionType || $0.observedGeneration == object.generation
    }
    let start = old?["startTime"]?.string.flatMap(Timestamp.init)
    self.startTime = stage.phase == .pending ? start : start ?? now
    let end = old?["completionTime"]?.string.flatMap(Timestamp.init)
    self.completionTime = stage.phase.isOver ? end ?? now : nil
    setConditions(trouble, at: now)
  }

  // MARK: Conditions

  private mutating func setConditions(_ trouble: Trouble?, at now: Timestamp) {
    let reason = stage.reason
    let message = stage.message(study)
    set("Progressing", stage.phase == .running ? .yes : .no, reason, message, now)
    let isDegraded = [.failed, .infeasible].contains(stage.phase)
    if let trouble, !isDegraded {
      set("Degraded", .yes, trouble.reason, trouble.message, now)
    } else {
      set(
        "Degraded", isDegraded ? .yes : .no, isDegraded ? reason : "AsExpected",
        isDegraded ? message : "nothing is wrong", now)
    }
    set("Ready", stage.phase == .succeeded ? .yes : .no, reason, message, now)
  }

  private mutating func set(
    _ type: String, _ status: Condition.Status, _ reason: String, _ message: String,
    _ now: Timestamp
  ) {
    // The schema has a limit, far above what a person reads; and an API server as old as 1.20
    // takes an empty text for none.
    let message = message.isEmpty ? reason : String(message.prefix(8_000))
    conditions.set(
      Condition(
        type, status, reason: reason, message: message,
        observedGeneration: observedGeneration, at: now))
  }

  // MARK: JSON

  package var json: JSONValue {
    var members: [(String, JSONValue?)] = [
      ("phase", .string(stage.phase.rawValue)),
      ("observedGeneration", .integer(observedGeneration)),
      ("conditions", .array(conditions.map(\.json))),
      ("startTime", startTime.map { .string($0.description) }),
      ("completionTime", completionTime.map { .string($0.description) }),
    ]
    members += counts
    members.append(("currentOptimalTrial", study == nil ? old?["currentOptimalTrial"] : optimal))
    switch stage {
    case .recommended(let recommendation):
      members.append(("recommendation", recommendation.json))
      members.append(("rollout", old?["rollout"]))
    case .infeasible(let miss): members.append(("toRelax", .texts(miss.toRelax)))
    case .invalid, .waiting, .running, .failed: break
    }
    return .object(JSONObject(present: members))
  }

  /// The merge patch for the status subresource; nil where nothing changes.
  package func patch(of object: KubernetesObject) -> JSONValue? {
    json.mergePatch(from: object.status).map { ["status": $0] }
  }

  private static let countNames = [
    "trialsTotal", "trialsPending", "trialsRunning", "trialsSucceeded", "trialsFailed",
    "trialsLimit",
  ]

  private var counts: [(String, JSONValue?)] {
    guard let study else {
      var kept = Self.countNames.map { ($0, old?[$0]) }
      let running = old?["trialsRunning"]?.integer ?? 0
      // Nothing runs once it is over.
      if stage.phase.isOver, running > 0 {
        let pending = (old?["trialsPending"]?.integer ?? 0) + running
        kept[1].1 = .integer(pending)
        kept[2].1 = 0
      }
      return kept
    }
    let pending = study.trials.count(where: \.isPending)
    let measured = study.trials.count { $0.measurement != nil }
    let numbers = [
      study.trials.count, max(pending - running, 0), min(running, pending), measured,
      study.trials.count - pending - measured, study.limits.trialsMax,
    ]
    return zip(Self.countNames, numbers).map { ($0, .integer($1)) }
  }

  /// Upstream's field: the best feasible trial, its objective first.
  private var optimal: JSONValue? {
    guard let study, let best = study.incumbent, let measurement = best.measurement,
      let value = study.objectiveValue(of: measurement, at: best.configuration)
    else { return nil }
    let observed =
      [TrialStatus.observed(study.objective.expression.description, value)]
      + measurement.values.sorted { $0.key.name < $1.key.name }
      .map { TrialStatus.observed($0.key.name, $0.value) }
    return [
      "name": .string(ClusterNames.trial(of: study.name, ordinal: best.ordinal)),
      "tunableParameters": ConfigurationCoding.json(best.configuration, parameters),
      "objectiveMetricsObserved": .array(observed),
    ]
  }
}

extension ExperimentStage {
  /// The reason in the conditions of an experiment that can't be decoded.
  package static let invalidReason = "Invalid"

  fileprivate var reason: String {
    switch self {
    case .invalid: Self.invalidReason
    case .waiting(let reason, _), .failed(let reason, _): reason
    case .running: "Searching"
    case .recommended: "Recommended"
    case .infeasible: "NothingFeasible"
    }
  }

  fileprivate func message(_ study: Study?) -> String {
    switch self {
    case .invalid(let diagnostics):
      return diagnostics.errors.map(\.description).joined(separator: "\n")
    case .waiting(_, let message), .failed(_, let message): return message
    case .running:
      guard let study else { return "" }
      let finished = study.trials.count { !$0.isPending }
      return "\(finished) of at most \(study.limits.trialsMax) trials are finished"
    case .recommended(let status):
      return "\(status.configuration): \(status.recommendation.reason)"
    case .infeasible(let miss):
      return miss.toRelax.isEmpty
        ? "nothing that was tried could be measured" : miss.toRelax.joined(separator: " ")
    }
  }
}
