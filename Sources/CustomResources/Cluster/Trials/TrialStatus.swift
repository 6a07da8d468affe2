package import Kubernetes
package import Tuning

/// The status of a trial, as a value that is written whole.
package struct TrialStatus: Hashable, Sendable {
  package var phase: TrialPhase
  package var outcome: Outcome
  /// The objective as it is called, and as measured; nil where it wasn't.
  package var objective: (name: String, value: Double)? {
    get { objectiveName.flatMap { name in objectiveValue.map { (name, $0) } } }
    set {
      objectiveName = newValue?.name
      objectiveValue = newValue?.value
    }
  }
  package var conditions: [Condition]
  package var startTime: Timestamp?
  package var completionTime: Timestamp?
  package var observedGeneration: Int
  private var objectiveName: String?
  private var objectiveValue: Double?

  /// What follows from where a trial stands.
  /// - Parameters:
  ///   - object: the trial; its conditions keep their transition times.
  ///   - phase: of a trial whose outcome is pending; others have the phase of their outcome.
  ///   - detail: one sentence on what it waits for or does; replaced by the outcome's.
  package init(
    of object: KubernetesObject, outcome: Outcome, phase: TrialPhase = .pending,
    detail: String = "", study: Study, configuration: Configuration, at now: Timestamp
  ) {
    self.phase = outcome.phase ?? phase
    self.outcome = outcome
    self.observedGeneration = object.generation
    self.conditions = object.conditions
    let old = object.status
    let start = old?["startTime"]?.string.flatMap(Timestamp.init)
    self.startTime = self.phase == .pending ? start : start ?? now
    self.completionTime =
      outcome == .pending ? nil : old?["completionTime"]?.string.flatMap(Timestamp.init) ?? now
    if case .measured(let measurement) = outcome,
      let value = study.objectiveValue(of: measurement, at: configuration)
    {
      objective = (study.objective.expression.description, value)
    }
    setConditions(detail, at: now)
  }

  private mutating func setConditions(_ detail: String, at now: Timestamp) {
    // An API server as old as 1.20 takes an empty text for none.
    let message = outcome.detail ?? (detail.isEmpty ? phase.rawValue : detail)
    let isOver = outcome != .pending
    let states: [(String, Bool)] = [
      ("Progressing", !isOver && phase == .running), ("Ready", phase == .succeeded),
    ]
    for (type, holds) in states {
      conditions.set(
        Condition(
          type, holds ? .yes : .no, reason: outcome.reasonWord ?? phase.rawValue,
          message: message, observedGeneration: observedGeneration, at: now))
    }
  }

  package var json: JSONValue {
    var result: JSONValue?
    if let objective {
      var observed: [JSONValue] = [Self.observed(objective.name, objective.value)]
      if case .measured(let measurement) = outcome {
        observed += measurement.values.sorted { $0.key.name < $1.key.name }
          .map { Self.observed($0.key.name, $0.value) }
      }
      result = ["objectiveMetricsObserved": .array(observed)]
    }
    return .object(
      JSONObject(present: [
        ("phase", .string(phase.rawValue)),
        ("reason", outcome.infeasibility.map { .string($0.reason.rawValue) }),
        ("observedGeneration", .integer(observedGeneration)),
        ("conditions", .array(conditions.map(\.json))),
        ("trialResult", result),
        ("outcome", outcome == .pending ? nil : OutcomeCoding.json(outcome)),
        ("startTime", startTime.map { .string($0.description) }),
        ("completionTime", completionTime.map { .string($0.description) }),
      ]))
  }

  /// The merge patch for the status subresource; nil where nothing changes.
  package func patch(of object: KubernetesObject) -> JSONValue? {
    json.mergePatch(from: object.status).map { ["status": $0] }
  }

  static func observed(_ name: String, _ value: Double) -> JSONValue {
    ["name": .string(name), "value": .string(ShortNumber.text(value))]
  }
}

extension Outcome {
  fileprivate var phase: TrialPhase? {
    switch self {
    case .pending: nil
    case .measured: .succeeded
    case .infeasible: .infeasible
    }
  }

  fileprivate var infeasibility: Infeasibility? {
    if case .infeasible(let infeasibility) = self { infeasibility } else { nil }
  }

  fileprivate var detail: String? {
    switch self {
    case .pending: nil
    case .measured: "measured"
    case .infeasible(let why): "\(why.reason.rawValue) \(why.phase.rawValue): \(why.detail)"
    }
  }

  /// `outOfMemory` → `OutOfMemory`, as the reason of a condition.
  fileprivate var reasonWord: String? {
    infeasibility.map { why in
      let word = "\(why.reason)"
      return word.prefix(1).uppercased() + word.dropFirst()
    }
  }
}
