import CustomResources
import Kubernetes
import Tuning

extension ExperimentRound {
  /// Brings the recommendation to where the experiment's mode says, and on to the pods.
  mutating func writeBack() async throws -> Requeue {
    guard experiment.phase == .succeeded,
      let name = ExperimentDefinition.inferenceName(of: experiment)
    else { return .never }
    let mode = InferenceSettings.Mode.of(experiment)
    let before = experiment.conditions[WriteBackStage.conditionType]
    guard mode != .off || before != nil else { return .never }
    let key = ObjectKey(namespace: experiment.namespace, name: name)
    let inference = try await context.client.find(.inferences, key)
    guard let stage = try await stage(mode, key, inference, before) else {
      try await unguardRollout()
      return .never
    }
    try await write(stage, inference)
    guard stage.isUnderWay else {
      try await unguardRollout()
      return .never
    }
    if case .conflict = stage { return .after(.seconds(1)) }
    return .after(.seconds(3))
  }

  /// Nil where nothing is to be done or said.
  private mutating func stage(
    _ mode: InferenceSettings.Mode?, _ key: ObjectKey, _ inference: KubernetesObject?,
    _ before: Condition?
  ) async throws -> WriteBackStage? {
    guard let inference, !inference.isBeingDeleted else {
      return .stopped(.inferenceNotFound, "there is no Inference \(key) to write to")
    }
    for (predictor, record) in WriteBackRecord.all(of: inference) where record.isFrom(experiment) {
      // It was said, and what the pods do later is no longer our affair.
      let isOver = record.state == .rolledBack && before.map { $0.status == .no } ?? false
      return isOver ? nil : try await writeBack(inference, predictor).following(record)
    }
    guard let mode else {
      let word = experiment.annotations[ClusterNames.mode] ?? ""
      return .stopped(
        .invalidMode,
        "metadata.annotations.\(ClusterNames.mode): \"\(word)\"; one of Off, Propose and Apply is "
          + "needed")
    }
    guard mode != .off else { return nil }
    if mode == .apply, let before, before.observedGeneration == experiment.generation,
      WriteBackStage.wasWritten(before)
    {
      return WriteBackStage.isUnderWay(before)
        ? .changedSince(["another recommendation was written over it"]) : nil
    }
    return try await writing(mode, inference)
  }

  private mutating func writing(
    _ mode: InferenceSettings.Mode, _ inference: KubernetesObject
  ) async throws -> WriteBackStage? {
    if let changes = changes(since: experiment, in: inference) {
      return .stopped(.serviceChanged, "what runs isn't what was measured: \(changes)")
    }
    let (definition, diagnostics) = ExperimentDefinition.decode(experiment, inference: inference)
    guard let definition else {
      return .stopped(
        .targetChanged,
        diagnostics.errors.map(\.description).joined(separator: "\n"))
    }
    guard
      let recommendation = RecordedRecommendation(of: experiment, definition.space.parameters),
      let predictor = recommendation.predictor ?? definition.target?.predictorName
    else { return nil }
    let writeBack = writeBack(inference, predictor)
    if mode == .apply { try await guardRollout() }
    return mode == .apply
      ? try await writeBack.apply(recommendation, of: experiment, definition)
      : try await writeBack.propose(recommendation, of: experiment, definition)
  }

  func writeBack(_ inference: KubernetesObject, _ predictor: String) -> WriteBack {
    WriteBack(
      client: context.client, inference: inference, predictor: predictor, now: context.now())
  }

  /// Writes the condition where it says something new, and tells of a new stage.
  private mutating func write(
    _ stage: WriteBackStage, _ inference: KubernetesObject?
  ) async throws {
    let before = experiment.conditions[WriteBackStage.conditionType]?.reason
    guard let patch = stage.statusPatch(of: experiment, at: context.now()) else { return }
    experiment = try await context.client.patch(
      .profilingExperiments, experiment.key, .merge(patch), subresource: .status)
    guard before != stage.reason else { return }
    let reason = "Recommendation" + stage.reason
    await notify(reason, stage.message, severity: stage.severity)
    guard let inference else { return }
    await context.notify(
      Notice(
        inference, stage.severity, reason: reason, stage.message, experiment: experiment.name))
  }
}

extension WriteBackStage {
  fileprivate var severity: Notice.Severity {
    switch self {
    case .stopped, .changedSince, .rollingBack, .rolledBack: .warning
    case .nothingToChange, .proposed, .conflict, .rollingOut, .rolledOut, .noDeployment: .normal
    }
  }
}
