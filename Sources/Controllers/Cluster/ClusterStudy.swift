package import CustomResources
package import Kubernetes
package import Tuning

/// The study of an experiment in a cluster, rebuilt from its objects as the daemon rebuilds it.
package struct ClusterStudy: Sendable {
  package let snapshot: ExperimentSnapshot
  package let definition: ExperimentDefinition
  package let study: Study
  package let warnings: [Problem]
  /// In the order of their ordinals.
  package let trials: [TrialObject]

  /// The same for every experiment: what chance there is in a search is settled with it.
  package static let seed: UInt64 = 0

  /// - Throws: `ClusterCommandError` where the experiment can't be decoded, `TrialObjectError` where
  ///   a trial can't.
  package init(_ snapshot: ExperimentSnapshot) throws {
    let experiment = snapshot.experiment
    let (definition, diagnostics) = ExperimentDefinition.decode(
      experiment, inference: snapshot.inference)
    guard let definition else {
      if let name = ExperimentDefinition.inferenceName(of: experiment), snapshot.inference == nil {
        throw ClusterCommandError.notFound(
          .inferences, ObjectKey(namespace: experiment.namespace, name: name), known: [])
      }
      throw ClusterCommandError.invalid(diagnostics)
    }
    let trials = try snapshot.trials
      .map { object in try TrialObject(object, space: definition.space) }
      .sorted { $0.ordinal < $1.ordinal }
    var study = definition.study(seed: Self.seed)
    study.trials = trials.map(\.trial)
    self.snapshot = snapshot
    self.definition = definition
    self.study = study
    self.warnings = diagnostics.warnings
    self.trials = trials
  }
}

extension ClusterStudy {
  private var status: JSONValue? { snapshot.experiment.status }

  package var startedAt: Timestamp? {
    status?["startTime"]?.string.flatMap(Timestamp.init) ?? trials.compactMap(\.startTime).min()
  }

  /// From the start to the end, or to the last trial's.
  package var duration: Duration {
    let end =
      status?["completionTime"]?.string.flatMap(Timestamp.init)
      ?? trials.compactMap(\.completionTime).max()
    return startedAt.flatMap { start in end.map { $0 - start } } ?? .zero
  }

  /// Why the search ended; nil while it goes on, and where it was stopped.
  package var stopReason: StopReason? {
    let said = status?["recommendation"]?["evidence"]?["stopReason"]?.string
    if let said { return StopReason(rawValue: said) }
    guard snapshot.phase == .infeasible else { return nil }
    let decided = Experiment(
      study: study, baseline: definition.baseline, parallelism: definition.parallelism
    ).actions()
    for case .conclude(let reason) in decided { return reason }
    return nil
  }

  /// What a reader of the results should know.
  package var notes: [String] {
    var sentences = warnings.map(\.description)
    for trial in trials where trial.attempt > 0 {
      sentences.append(
        "Trial \(trial.ordinal) was begun \(trial.attempt + 1) times: it was lost through no fault "
          + "of its own.")
    }
    for type in ["Degraded", "Applied"] {
      guard let condition = snapshot.experiment.conditions[type], condition.status == .yes,
        snapshot.phase != .infeasible || type != "Degraded"
      else { continue }
      sentences.append("\(condition.reason): \(condition.message)")
    }
    return sentences
  }

  /// The configuration as the owner's bounds allow it: with the amounts of the status where that
  /// cuts what is recommended.
  package func allowed(_ recommended: Configuration) -> Configuration {
    let recommendation = status?["recommendation"]
    guard let target = recommendation?["target"], target != recommendation?["uncappedTarget"]
    else { return recommended }
    return Configuration(
      recommended.assignments.map { entry in
        guard let parameter = definition.space[entry.name],
          case .resource(let name) = parameter.target,
          let text = target[name]?.scalarText,
          text != recommendation?["uncappedTarget"]?[name]?.scalarText,
          let level = parameter.domain.level(reading: text)
        else { return entry }
        return .init(name: entry.name, level: level)
      })
  }
}
