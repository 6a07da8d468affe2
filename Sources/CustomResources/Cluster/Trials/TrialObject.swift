package import Kubernetes
package import Tuning

/// A trial as an object of the API server: what was decided in its spec, what came of it in its
/// status.
package struct TrialObject: Hashable, Sendable {
  package let object: KubernetesObject
  package let ordinal: Int
  /// How often it was begun anew for a reason that wasn't its own.
  package let attempt: Int
  package let configuration: Configuration
  /// Pending until a status says something else.
  package let outcome: Outcome
  package let startTime: Timestamp?
  package let completionTime: Timestamp?

  /// A new trial, owned by the experiment, for `create`.
  package static func make(
    of experiment: KubernetesObject, ordinal: Int, configuration: Configuration,
    parameters: [Parameter], attempt: Int = 0
  ) -> KubernetesObject {
    let name = ClusterNames.trial(of: experiment.name, ordinal: ordinal)
    return KubernetesObject(
      .trials, ObjectKey(namespace: experiment.namespace, name: name),
      labels: [
        ClusterNames.experimentLabel: ClusterNames.bounded(experiment.name),
        "app.kubernetes.io/managed-by": "morphling",
      ],
      owners: OwnerReference(controller: experiment).map { [$0] } ?? [],
      content: [
        "spec": [
          "ordinal": .integer(ordinal), "attempt": .integer(attempt),
          "configuration": .string(configuration.description),
          "samplingResult": ConfigurationCoding.json(configuration, parameters),
        ]
      ])
  }

  /// Reads a trial back.
  /// - Parameter space: of the trial's experiment; levels need not be on its grid.
  package init(_ object: KubernetesObject, space: SearchSpace) throws(TrialObjectError) {
    let place = object.key.description
    guard let ordinal = Self.ordinal(of: object) else {
      throw .noOrdinal(trial: place)
    }
    self.object = object
    self.ordinal = ordinal
    self.attempt = object.spec?["attempt"]?.integer ?? 0
    self.configuration = try ConfigurationCoding.configuration(
      object.spec?["samplingResult"], space, of: place)
    if let json = object.status?["outcome"] {
      guard let outcome = OutcomeCoding.outcome(json) else { throw .noOutcome(trial: place) }
      self.outcome = outcome
    } else {
      self.outcome = .pending
    }
    self.startTime = object.status?["startTime"]?.string.flatMap(Timestamp.init)
    self.completionTime = object.status?["completionTime"]?.string.flatMap(Timestamp.init)
  }

  /// The ordinal of a Trial, whether or not it fits its experiment; nil where it has none.
  package static func ordinal(of object: KubernetesObject) -> Int? {
    object.spec?["ordinal"]?.integer.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// The trial as the search sees it.
  package var trial: Trial {
    let duration = startTime.flatMap { start in completionTime.map { $0 - start } }
    return Trial(
      ordinal: ordinal, configuration: configuration, outcome: outcome, duration: duration)
  }

  /// The merge patch of the status of a trial whose objects were taken down before it ended; nil for
  /// one that doesn't run.
  package static func stopPatch(of object: KubernetesObject, at now: Timestamp) -> JSONValue? {
    guard object.status?["phase"]?.string == TrialPhase.running.rawValue else { return nil }
    var conditions = object.conditions
    conditions.set(
      Condition(
        "Progressing", .no, reason: "Stopped", message: "its experiment was stopped",
        observedGeneration: object.generation, at: now))
    return [
      "status": [
        "phase": .string(TrialPhase.pending.rawValue),
        "conditions": .array(conditions.map(\.json)),
      ]
    ]
  }

  /// The merge patch of the spec that begins the trial anew.
  package var nextAttemptPatch: JSONValue { ["spec": ["attempt": .integer(attempt + 1)]] }
}

/// Why an object is no trial of its experiment.
package enum TrialObjectError: Error, Hashable, CustomStringConvertible {
  case noOrdinal(trial: String)
  case noOutcome(trial: String)
  case unknownLevel(trial: String, parameter: String, level: String)

  package var description: String {
    switch self {
    case .noOrdinal(let trial):
      "Trial \(trial): no spec.ordinal; a whole number from 0 up is needed"
    case .noOutcome(let trial):
      "Trial \(trial): status.outcome can't be read; what another version wrote has to be deleted"
    case .unknownLevel(let trial, let parameter, let level):
      "Trial \(trial): spec.samplingResult has \(parameter)=\(level); a parameter of its "
        + "experiment with a level of its kind is needed"
    }
  }
}
