import CustomResources
import Kubernetes

/// While a recommendation is on its way to the pods, its experiment can't go: nobody else would see
/// that they don't get ready, and take it back.
extension ExperimentRound {
  mutating func guardRollout() async throws {
    guard !experiment.finalizers.contains(ClusterNames.rolloutFinalizer) else { return }
    try await set(experiment.finalizers + [ClusterNames.rolloutFinalizer])
  }

  mutating func unguardRollout() async throws {
    guard experiment.finalizers.contains(ClusterNames.rolloutFinalizer) else { return }
    try await set(experiment.finalizers.filter { $0 != ClusterNames.rolloutFinalizer })
  }

  /// Brings to its end what was on its way when the experiment was deleted.
  mutating func release() async throws -> Requeue {
    guard experiment.finalizers.contains(ClusterNames.rolloutFinalizer) else { return .never }
    if let stage = try await rolloutUnderWay(), stage.isUnderWay { return .after(.seconds(3)) }
    try await unguardRollout()
    return .never
  }

  private func rolloutUnderWay() async throws -> WriteBackStage? {
    guard let name = ExperimentDefinition.inferenceName(of: experiment) else { return nil }
    let key = ObjectKey(namespace: experiment.namespace, name: name)
    guard let inference = try await context.client.find(.inferences, key),
      !inference.isBeingDeleted
    else { return nil }
    // A deletion counts as another generation.
    for (predictor, record) in WriteBackRecord.all(of: inference)
    where record.uid == experiment.uid {
      return try await writeBack(inference, predictor).following(record)
    }
    return nil
  }

  /// Only as they were read: somebody else's finalizer stays.
  private mutating func set(_ finalizers: [String]) async throws {
    experiment = try await context.client.patch(
      .profilingExperiments, experiment.key,
      .merge([
        "metadata": [
          "resourceVersion": experiment.resourceVersion.map(JSONValue.string) ?? .null,
          "finalizers": .array(finalizers.map(JSONValue.string)),
        ]
      ]))
  }
}
