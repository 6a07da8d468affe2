import CustomResources
import Kubernetes
import Tuning

/// Brings a recommendation into one predictor of an Inference and from there to its pods, or takes it
/// back.
///
/// It remembers nothing: what was written, and what was there before, stands in an annotation of the
/// object that was changed, in one patch with the change. Whoever reads it goes on from there.
struct WriteBack: Sendable {
  let client: Client
  /// As last read or written.
  let inference: KubernetesObject
  let predictor: String
  let now: Timestamp

  /// An early end.
  struct Stop: Error {
    let stage: WriteBackStage
  }

  /// Annotates the Inference with the recommendation and its patch.
  func propose(
    _ recommendation: RecordedRecommendation, of experiment: KubernetesObject,
    _ definition: ExperimentDefinition
  ) async throws -> WriteBackStage {
    try await ending {
      let writer = ConfigurationWriter(
        target: try target(recommendation.container), parameters: definition.space.parameters)
      guard !(try writer.changes(bringing: recommendation.configuration).isEmpty) else {
        return .nothingToChange
      }
      let proposal = recommendation.proposal(
        of: experiment, patch: try writer.patch(for: recommendation.configuration))
      let patch = try Proposals.patch(inference, setting: proposal, for: predictor)
      if !patch.operations.isEmpty { _ = try await send(patch, .inferences, inference.key) }
      return .proposed(summary: recommendation.summary)
    }
  }

  /// Writes the recommendation, and then follows it to the pods.
  func apply(
    _ recommendation: RecordedRecommendation, of experiment: KubernetesObject,
    _ definition: ExperimentDefinition
  ) async throws -> WriteBackStage {
    try await ending {
      let writer = ConfigurationWriter(
        target: try target(recommendation.container), parameters: definition.space.parameters)
      let changes = try writer.changes(bringing: recommendation.configuration)
      guard !changes.isEmpty else { return .nothingToChange }
      let deployment = try await suitableDeployment(recommendation.container)
      let replicas = deployment?.spec?["replicas"]?.integer ?? 1
      let record = WriteBackRecord(
        of: experiment, container: recommendation.container, changes: changes,
        deadline: definition.progressDeadline * (max(replicas, 1) + 1),
        after: WriteBackRecord.all(of: inference)[predictor], at: now)
      var patch = try writer.patch(for: recommendation.configuration)
      patch.operations +=
        try WriteBackRecord.patch(inference, setting: record, of: predictor).operations
      patch.operations += try Proposals.patch(inference, setting: nil, for: predictor).operations
      let written = try await send(patch, .inferences, inference.key)
      return try await after(written).following(record)
    }
  }

  /// Takes a recommendation that was written to its pods, or its rollback.
  func following(_ record: WriteBackRecord) async throws -> WriteBackStage {
    try await ending {
      switch record.state {
      case .applied: return try await rollOut(record)
      case .rolledOut:
        let differences = try target(record.container).differences(from: record.changes, .new)
        return differences.isEmpty
          ? .rolledOut(summary: record.summary, nil) : .changedSince(differences)
      case .rolledBack: return try await rollBack(record)
      }
    }
  }

  /// Writes the old values back, and then follows them to the pods.
  func restoring(_ record: WriteBackRecord, because reason: String) async throws -> WriteBackStage {
    try await ending {
      let target = try target(record.container)
      let differences = target.differences(from: record.changes, .new)
      guard differences.isEmpty else { return .changedSince(differences) }
      let back = record.reaching(.rolledBack, because: reason, at: now)
      var patch = try target.patch(bringing: record.changes, .old)
      patch.operations +=
        try WriteBackRecord.patch(inference, setting: back, of: predictor).operations
      let written = try await send(patch, .inferences, inference.key)
      return try await after(written).following(back)
    }
  }

  // MARK: Steps

  private func rollOut(_ record: WriteBackRecord) async throws -> WriteBackStage {
    let differences = try target(record.container).differences(from: record.changes, .new)
    guard differences.isEmpty else { return .changedSince(differences) }
    switch try await step(record, to: .new) {
    case .missing(let name):
      // Whoever serves the Inference may be about to make it.
      return now - record.time < Self.patience
        ? .rollingOut(Rollout(missing: name)) : .noDeployment(name)
    case .waiting(let rollout): return .rollingOut(rollout)
    case .ready(let rollout):
      let done = record.reaching(.rolledOut, at: now)
      let patch = try WriteBackRecord.patch(inference, setting: done, of: predictor)
      _ = try await send(patch, .inferences, inference.key)
      return .rolledOut(summary: record.summary, rollout)
    case .overdue(let rollout):
      return try await restoring(
        record, because: "the time for its pods to become ready is over: \(rollout)")
    }
  }

  private func rollBack(_ record: WriteBackRecord) async throws -> WriteBackStage {
    let why = record.reason ?? ""
    switch try await step(record, to: .old) {
    case .missing, .ready: return .rolledBack(because: why)
    case .waiting(let rollout): return .rollingBack(because: why, rollout)
    case .overdue(let rollout):
      return .stopped(
        .rollbackNotReady,
        "the old values are back (\(why)), and their pods don't become ready either: \(rollout)")
    }
  }

  /// How long a Deployment may be away before nobody is expected to make it.
  private static let patience: Duration = .seconds(30)

  // MARK: Parts

  func target(_ container: String) throws -> TunedContainer {
    guard
      let target = TunedContainer(
        inference: inference.json, predictor: predictor, container: container)
    else {
      throw Stop(
        stage: .stopped(
          .targetChanged,
          "Inference \(inference.key): there is no container \(container) of a predictor "
            + "\(predictor) any more"))
    }
    return target
  }

  private func after(_ written: KubernetesObject) -> WriteBack {
    WriteBack(client: client, inference: written, predictor: predictor, now: now)
  }

  private func ending(_ work: () async throws -> WriteBackStage) async throws -> WriteBackStage {
    do {
      return try await work()
    } catch let stop as Stop {
      return stop.stage
    } catch let error as JSONPatchError {
      return .stopped(.targetChanged, "Inference \(inference.key): \(error)")
    }
  }

  /// - Throws: `Stop` where a test of the patch failed, or the API server refuses it.
  func send(
    _ patch: JSONPatch, _ kind: ResourceKind, _ key: ObjectKey
  ) async throws -> KubernetesObject {
    do {
      return try await client.patch(kind, key, .json(patch))
    } catch let failure as APIFailure {
      let place = ObjectReference(kind, key)
      switch failure.reason {
      case .conflict, .notFound: throw Stop(stage: .conflict("\(place): \(failure.message)"))
      case .invalid(let causes) where causes.isEmpty:
        throw Stop(stage: .conflict("\(place): \(failure.message)"))
      case .invalid, .badRequest, .forbidden:
        throw Stop(stage: .stopped(.refused, "\(place): \(failure.message)"))
      default: throw failure
      }
    }
  }
}

extension WriteBackRecord {
  /// A request that changes along with its limit isn't told by itself.
  fileprivate var summary: String {
    let limits = changes.compactMap { if case .limit(let name) = $0.place { name } else { nil } }
    return changes.filter { change in
      if case .request(let name) = change.place { !limits.contains(name) } else { true }
    }.map(\.description).joined(separator: ", ")
  }
}
