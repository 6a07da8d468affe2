package import CustomResources
package import Kubernetes

/// Takes back what recommendations wrote into an Inference, on a user's request: the old values
/// return, and neither a daemon nor a running experiment writes the same recommendation again.
package struct Rollback: Sendable {
  /// Where one predictor stands.
  package struct Progress: Sendable {
    package let predictor: String
    package let stage: WriteBackStage
    /// What was changed and is taken back, place by place.
    package let changes: [SpecChange]
    /// Whether the old values were back before it was asked for.
    package let wasDone: Bool
  }

  private let client: Client
  private let inference: ObjectKey
  /// Nil for every predictor that was written to.
  private let predictor: String?

  package init(_ client: Client, inference: ObjectKey, predictor: String?) {
    self.client = client
    self.inference = inference
    self.predictor = predictor
  }

  /// What tells that it got further.
  package func changes(
    _ clock: any Clock<Duration>, chance: @escaping @Sendable () -> Double
  ) -> ClusterChanges {
    let deployments = Selection(
      namespace: inference.namespace, labels: PredictorObjects.objects(of: inference.name))
    return ClusterChanges(
      of: [(.inferences, Selection(inference)), (.deployments, deployments)], client: client,
      clock: clock, chance: chance)
  }

  /// Takes every predictor a step further.
  /// - Throws: `ClusterCommandError` where there is nothing to take back.
  package func advance(at now: Timestamp) async throws -> [Progress] {
    var progress: [Progress] = []
    for name in try await predictors() {
      // Every step changes the Inference.
      let inference = try await client.named(.inferences, inference)
      guard let record = WriteBackRecord.all(of: inference)[name] else { continue }
      let writeBack = WriteBack(client: client, inference: inference, predictor: name, now: now)
      let wasDone = record.state == .rolledBack
      let stage =
        wasDone
        ? try await writeBack.following(record)
        : try await writeBack.restoring(record, because: Self.reason)
      progress.append(
        Progress(predictor: name, stage: stage, changes: record.changes, wasDone: wasDone))
    }
    return progress
  }

  private static let reason = "it was asked for with morphling rollback"

  private func predictors() async throws -> [String] {
    let inference = try await client.named(.inferences, inference)
    let known = WriteBackRecord.all(of: inference).keys.sorted()
    let wanted = predictor.map { [$0] } ?? known
    guard !wanted.isEmpty, wanted.allSatisfy(known.contains) else {
      throw ClusterCommandError.nothingWritten(
        inference.key, predictor: predictor, known: known)
    }
    return wanted
  }
}
