package import CustomResources
package import Kubernetes
package import Tuning

/// The study of an experiment in a cluster, rebuilt from its objects as the daemon rebuilds it.
package struct ClusterStudy: Sendable {
  package let snapshot: ExperimentSnapshot
  package let definition: ExperimentDefinition
  package let warnings: [Problem]
  private let fitting: FittingTrials
  private let experiment: Experiment

  /// - Throws: `ClusterCommandError` where the experiment can't be decoded.
  package init(_ snapshot: ExperimentSnapshot) throws {
    let experiment = snapshot.experiment
    let (definition, diagnostics) = ExperimentDefinition.decode(
      experiment.withoutServerFields,
      inference: snapshot.inference?.before(experiment).withoutServerFields)
    guard let definition else {
      if let name = ExperimentDefinition.inferenceName(of: experiment), snapshot.inference == nil {
        throw ClusterCommandError.notFound(
          .inferences, ObjectKey(namespace: experiment.namespace, name: name), known: [])
      }
      throw ClusterCommandError.invalid(diagnostics)
    }
    let fitting = FittingTrials(snapshot.trials, in: definition.space)
    self.snapshot = snapshot
    self.definition = definition
    self.warnings = diagnostics.warnings
    self.fitting = fitting
    self.experiment = Experiment(
      experiment, definition, trials: fitting.trials.map(\.trial),
      lastOrdinal: fitting.lastOrdinal,
      earlier: snapshot.earlier.compactMap { try? ClusterStudy($0).study },
      neighbours: snapshot.neighbours.compactMap { try? ClusterStudy($0).study })
  }

  package var study: Study { experiment.study }
  /// With what earlier experiments teach, as the daemon decides by it; takes a while to make.
  package var informedStudy: Study { experiment.informedStudy }
  /// In the order of their ordinals; without those that don't fit the experiment any more.
  package var trials: [TrialObject] { fitting.trials }
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
    for case .conclude(let reason) in experiment.actions() { return reason }
    return nil
  }

  /// What a reader of the results should know.
  package var notes: [String] {
    var sentences = warnings.map(\.description)
    sentences += fitting.misfits.map {
      "It doesn't fit the experiment any more and doesn't count: \($0)"
    }
    for trial in trials where trial.attempt > 0 {
      sentences.append(
        "Trial \(trial.ordinal) was begun \(trial.attempt + 1) times: it was lost through no fault "
          + "of its own.")
    }
    let conditions = snapshot.experiment.conditions
    if let degraded = conditions["Degraded"], degraded.status == .yes,
      snapshot.phase != .infeasible
    {
      sentences.append("\(degraded.reason): \(degraded.message)")
    }
    if let applied = conditions[WriteBackStage.conditionType] {
      sentences.append("\(applied.reason): \(applied.message)")
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

extension KubernetesObject {
  /// As an author would have written it: what the API server adds has no place in a patch or a
  /// manifest that people are given.
  fileprivate var withoutServerFields: KubernetesObject {
    var object = self
    for field in [
      "managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink",
    ] {
      object.setMetadata(field, nil)
    }
    for annotation in [
      "kubectl.kubernetes.io/last-applied-configuration", ClusterNames.previous,
      ClusterNames.recommendation,
    ] {
      object.annotations[annotation] = nil
    }
    object.status = nil
    return object
  }

  /// As it was before an experiment's recommendation was written into it, so that the report says
  /// what changes. What was written over that since stays.
  fileprivate func before(_ experiment: KubernetesObject) -> KubernetesObject {
    for (predictor, record) in WriteBackRecord.all(of: self)
    where record.isFrom(experiment) && record.state != .rolledBack {
      let target = TunedContainer(
        inference: json, predictor: predictor, container: record.container)
      guard let target, target.holds(record.changes, .new),
        let old = try? target.patch(bringing: record.changes, .old).applied(to: json)
      else { continue }
      return KubernetesObject(old)
    }
    return self
  }
}
