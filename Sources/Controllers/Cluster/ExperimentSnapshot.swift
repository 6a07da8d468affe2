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

  package init(
    experiment: KubernetesObject, inference: KubernetesObject?, trials: [KubernetesObject]
  ) {
    self.experiment = experiment
    self.inference = inference
    self.trials = trials
  }

  /// - Throws: `ClusterCommandError` where there is no such experiment.
  package static func read(_ key: ObjectKey, from client: Client) async throws -> Self {
    let experiment = try await client.named(.profilingExperiments, key)
    var inference: KubernetesObject?
    if let name = ExperimentDefinition.inferenceName(of: experiment) {
      inference = try await client.find(
        .inferences, ObjectKey(namespace: key.namespace, name: name))
    }
    let selection = Selection(
      namespace: key.namespace, labels: ClusterNames.trials(of: experiment.name))
    let trials = try await client.list(.trials, selection).items
    return ExperimentSnapshot(
      experiment: experiment, inference: inference,
      trials: trials.filter { $0.isOwned(by: experiment) })
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
    experiment.status?["phase"]?.string.flatMap(ExperimentPhase.init) ?? .pending
  }

  /// Whether a daemon has acted on it.
  package var isSeen: Bool { experiment.status?["observedGeneration"] != nil }
}
