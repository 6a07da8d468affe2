import Kubernetes

/// What a `Trial` holds.
enum TrialSchema {
  static func spec(_ version: ServerVersion) -> Schema {
    .object(
      [
        "ordinal": Schema.integer(from: 0).described("0 is the baseline.")
          .immutable(version, message: "ordinal can't change"),
        "attempt": Schema.integer(from: 0).defaulting(to: 0)
          .described("How often it was begun anew for a reason that wasn't its own."),
        "configuration": Schema.text.described("samplingResult on one line, for people."),
        "samplingResult": ExperimentStatusSchema.configuration
          .immutable(version, message: "a trial's configuration can't change"),
      ], required: ["ordinal", "samplingResult"])
  }

  static let status = Schema.object([
    "phase": .word(TrialPhase.self),
    "reason": Schema.text.described("Why it is infeasible, in a few words."),
    "observedGeneration": .integer(from: 0),
    "conditions": ExperimentStatusSchema.conditions,
    "trialResult": ExperimentStatusSchema.trialResult,
    "outcome": Schema.anyObject.described("All that was measured, for the search."),
    "startTime": .time, "completionTime": .time,
  ])
}
