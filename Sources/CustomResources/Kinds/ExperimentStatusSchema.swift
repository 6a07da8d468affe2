import Kubernetes

/// What the status of a `ProfilingExperiment` holds: upstream's fields where it has one, and the
/// recommendation in the form of the vertical pod autoscaler.
enum ExperimentStatusSchema {
  static let status = Schema.object([
    "phase": .word(ExperimentPhase.self),
    "observedGeneration": Schema.integer(from: 0)
      .described("The generation of the spec that the rest speaks of."),
    "conditions": conditions,
    "trialsTotal": .integer(from: 0), "trialsPending": .integer(from: 0),
    "trialsRunning": .integer(from: 0), "trialsSucceeded": .integer(from: 0),
    "trialsFailed": .integer(from: 0),
    "trialsLimit": Schema.integer(from: 0).described("Trials that the search may take."),
    "startTime": .time, "completionTime": .time,
    "currentOptimalTrial": trialResult.described("The best feasible trial so far, as measured."),
    "recommendation": recommendation,
    "rollout": rollout.described("The Deployment on its way to the recommended spec, or back."),
    "toRelax": Schema.list(of: .text)
      .described("Where nothing is feasible: what would have to be relaxed, and by how much."),
  ])

  /// `metav1.Condition`
  static let conditions = Schema.list(
    of: .object(
      [
        "type": .text(from: 1, to: 316), "status": .word(["True", "False", "Unknown"]),
        "reason": .text(from: 1, to: 1_024), "message": .text(to: 32_768),
        "observedGeneration": .integer(from: 0), "lastTransitionTime": .time,
      ], required: ["type", "status", "reason", "message", "lastTransitionTime"])
  ).keyed(by: "type")

  /// Upstream's form of a configuration and what was measured of it.
  static let trialResult = Schema.object([
    "name": .text,
    "tunableParameters": configuration,
    "objectiveMetricsObserved": .list(of: .object(["name": .text, "value": .text])),
  ])

  static let configuration = Schema.list(
    of: .object(
      [
        "name": .text(from: 1, to: 253), "value": .scalar(),
        "category": .word(ParameterReader.Category.self),
      ], required: ["name", "value", "category"]), to: 1_024)

  private static let amounts = Schema.mapping(of: .integerOrText)
  /// Without a type, since an API server as old as 1.20 takes an empty text of type string for none.
  private static let texts = Schema.mapping(of: .scalar())

  private static let recommendation = Schema.object([
    "summary": .text, "predictorName": .text, "containerName": .text,
    "target": amounts.described("What to run, within the bounds that the owner allows."),
    "lowerBound":
      amounts
      .described("The least among trials about as good as the best: within regretTolerance."),
    "upperBound": amounts.described("The greatest among them."),
    "uncappedTarget": amounts.described("What to run were it not for the owner's bounds."),
    "batching": texts, "env": texts, "args": texts,
    "evidence": evidence,
  ])

  private static let rollout = Schema.object([
    "deployment": .text, "replicas": .integer(from: 0), "updatedReplicas": .integer(from: 0),
    "availableReplicas": .integer(from: 0),
  ])

  private static let evidence = Schema.object([
    "trial": Schema.integer(from: 0).described("The trial that measured it."),
    "reason": .text,
    "expected": Schema.mapping(of: .number).described("By metric, in the unit its name ends in."),
    "intervals": Schema.mapping(of: .object(["lower": .number, "upper": .number]))
      .described("90 % intervals of the same."),
    "regretBound": Schema.number
      .described("With 90 % credibility no configuration is better by more than this share."),
    "shareSampled": .number, "visited": .integer(from: 0), "pruned": .integer(from: 0),
    "total": .integer(from: 0),
    "stopReason": .text,
  ])
}
