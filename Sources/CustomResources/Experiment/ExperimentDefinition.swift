package import Kubernetes
package import Tuning

/// An experiment, decoded and checked: all that a run needs to know.
package struct ExperimentDefinition: Hashable, Sendable {
  package let metadata: ObjectMeta
  package let space: SearchSpace
  /// At least one; the first is the main one.
  package let objectives: [Objective]
  package let constraints: [Constraint]
  /// Nil where nothing has a price.
  package let cost: Cost?
  package let limits: SearchLimits
  /// Trials side by side.
  package let parallelism: Int
  /// How long a candidate may take to become ready.
  package let progressDeadline: Duration
  package let stressTest: StressTestDefinition
  /// Where configurations are written; nil when a recorded table answers.
  package let target: TunedContainer?
  /// What the container spec sets today; empty when a recorded table answers.
  package let baseline: Configuration
  /// The experiment as YAML where it was derived from the Inference alone.
  package let derivedText: String?

  package var name: String { metadata.name }
  package var objective: Objective { objectives[0] }

  /// Writes configurations into the container; nil when a recorded table answers.
  package var writer: ConfigurationWriter? {
    target.map { ConfigurationWriter(target: $0, parameters: space.parameters) }
  }

  /// The search before its first trial.
  package func study(seed: UInt64) -> Study {
    var study = Study(
      name: name, space: space, objective: objective,
      furtherObjectives: Array(objectives.dropFirst()), constraints: constraints, cost: cost,
      limits: limits, expectedNoise: target == nil ? Self.recordedNoise : Self.liveNoise,
      seed: seed)
    study.repeatsTrials = target != nil
    return study
  }

  /// Two searches for the greatest rate of one configuration end in brackets of 8 %.
  private static let liveNoise = 0.08
  /// A recorded table gives the same answer twice; its rows differ from each other by some noise.
  private static let recordedNoise = 0.01

  /// With 90 % confidence: the level of every interval that is reported.
  static let confidence = Share(90, of: 100)
}

extension ObjectMeta {
  static let unnamed = ObjectMeta(name: "experiment")
}
