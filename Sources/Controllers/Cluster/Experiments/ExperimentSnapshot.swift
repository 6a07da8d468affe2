package import CustomResources
package import Kubernetes
import Tuning

/// An experiment of a cluster with all that belongs to it, as the API server has it at one moment.
package struct ExperimentSnapshot: Sendable {
  package let experiment: KubernetesObject
  /// Nil where there is none, or none is needed.
  package let inference: KubernetesObject?
  /// Those of this very experiment, in no order.
  package let trials: [KubernetesObject]
  /// Those of the same service that it learns from, the latest first.
  package private(set) var earlier: [ExperimentSnapshot]
  /// Those of other services.
  package private(set) var neighbours: [ExperimentSnapshot]

  package init(
    experiment: KubernetesObject, inference: KubernetesObject?, trials: [KubernetesObject],
    earlier: [ExperimentSnapshot] = [], neighbours: [ExperimentSnapshot] = []
  ) {
    self.experiment = experiment
    self.inference = inference
    self.trials = trials
    self.earlier = earlier
    self.neighbours = neighbours
  }

  /// - Throws: `ClusterCommandError` where there is no such experiment.
  package static func read(_ key: ObjectKey, from client: Client) async throws -> Self {
    let experiment = try await client.named(.profilingExperiments, key)
    var snapshot = try await ExperimentSnapshot(of: experiment, from: client)
    snapshot.earlier = try await teachers(ClusterNames.earlier, of: experiment, from: client)
    snapshot.neighbours = try await teachers(ClusterNames.neighbours, of: experiment, from: client)
    return snapshot
  }

  /// The experiments that one names in an annotation as known before it, the latest first; without
  /// those that are gone.
  static func teachers(
    _ annotation: String, of experiment: KubernetesObject, from client: Client
  ) async throws -> [ExperimentSnapshot] {
    let names = (experiment.annotations[annotation] ?? "").split(separator: ",")
    var snapshots: [ExperimentSnapshot] = []
    for name in names.reversed() {
      let key = ObjectKey(namespace: experiment.namespace, name: String(name))
      guard let found = try await client.find(.profilingExperiments, key) else { continue }
      snapshots.append(try await ExperimentSnapshot(of: found, from: client))
    }
    return snapshots
  }

  /// Of an experiment that was read already.
  private init(
    of experiment: KubernetesObject, from client: Client
  ) async throws {
    var inference: KubernetesObject?
    if let name = ExperimentDefinition.inferenceName(of: experiment) {
      inference = try await client.find(
        .inferences, ObjectKey(namespace: experiment.namespace, name: name))
    }
    self.init(
      experiment: experiment, inference: inference,
      trials: try await client.trials(of: experiment))
  }

  /// Every experiment at a glance, in the order of namespace and name.
  package static func overviews(
    in namespace: String?, from client: Client
  ) async throws -> [ExperimentOverview] {
    let experiments = try await client.all(.profilingExperiments, in: namespace)
    // Only for the size of the spaces; without the right to read them it isn't told.
    let inferences = (try? await client.list(.inferences, Selection(namespace: namespace)).items)
    return experiments.sorted { $0.key < $1.key }.map { experiment in
      let name = ExperimentDefinition.inferenceName(of: experiment)
      let inference = inferences?.first {
        $0.namespace == experiment.namespace && $0.name == name
      }
      let snapshot = ExperimentSnapshot(experiment: experiment, inference: inference, trials: [])
      return snapshot.overview
    }
  }

  package var overview: ExperimentOverview {
    let (definition, _) = ExperimentDefinition.decode(experiment, inference: inference)
    return ExperimentOverview(experiment, trials: trials, spaceCount: definition?.space.count)
  }

  package var phase: ExperimentPhase {
    experiment.phase ?? .pending
  }

  /// Whether it was stopped on request.
  package var isCancelled: Bool {
    experiment.conditions["Progressing"]?.reason == ExperimentRound.cancelled
  }
  /// Whether it can't be run as it is written.
  package var isInvalid: Bool {
    experiment.conditions["Progressing"]?.reason == ExperimentStage.invalidReason
  }
  /// What stands against a recommendation; nil where nothing does.
  package var failure: String? {
    phase == .failed ? experiment.conditions["Progressing"]?.message ?? "it failed" : nil
  }

  /// Whether a daemon has acted on it as it is now.
  package var isSeen: Bool {
    (experiment.status?["observedGeneration"]?.integer ?? -1) >= experiment.generation
  }

  /// Whether nothing more is to come: the search is over, and its result is where it belongs.
  package var isSettled: Bool {
    guard isSeen, phase.isOver else { return false }
    // Without the annotation it goes on.
    if isCancelled { return experiment.annotations[ClusterNames.cancel] != nil }
    guard phase == .succeeded, mode != .off, inference != nil else { return true }
    let applied = experiment.conditions[WriteBackStage.conditionType]
    return applied.map {
      $0.observedGeneration >= experiment.generation && !WriteBackStage.isUnderWay($0)
    } ?? false
  }

  /// Why a recommendation that was to be applied isn't; nil where it is, or wasn't to be.
  package var applyFailure: String? {
    guard mode == .apply, let applied = experiment.conditions[WriteBackStage.conditionType],
      WriteBackStage.isFailure(applied)
    else { return nil }
    return "\(applied.reason): \(applied.message)"
  }

  /// One that can't be read is the daemon's to complain about.
  private var mode: InferenceSettings.Mode { .of(experiment) ?? .apply }
}
