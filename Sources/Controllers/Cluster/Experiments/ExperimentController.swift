import CustomResources
package import Kubernetes

/// Runs the experiments of a cluster: makes their trials, starts candidates and stress tests,
/// writes down what comes of them, and concludes.
///
/// It remembers nothing. All that it knows of an experiment it reads at each round from the
/// experiment, its Trials and their objects, so a daemon that was killed goes on where it was.
package struct ExperimentController: Sendable {
  private let context: ControllerContext

  package init(_ context: ControllerContext) { self.context = context }

  package var controller: Controller {
    let ofTrials = LabelSelector([.exists(ClusterNames.roleLabel)])
    return Controller(
      name: "experiment",
      sources: [
        WatchSource(.profilingExperiments) { [$0.key] },
        WatchSource(.trials) { Self.owner(of: $0) },
        WatchSource(.inferences) { Self.writers(to: $0) },
        WatchSource(.deployments, Selection(labels: ofTrials)) { Self.labelled($0) },
        WatchSource(.jobs, Selection(labels: ofTrials)) { Self.labelled($0) },
        WatchSource(.pods, Selection(labels: ofTrials)) { Self.labelled($0) },
      ],
      reconcile: { try await reconcile($0) })
  }

  private static func owner(of trial: KubernetesObject) -> [ObjectKey] {
    guard let owner = trial.controller, owner.kind == ResourceKind.profilingExperiments.kind else {
      return []
    }
    return [ObjectKey(namespace: trial.namespace, name: owner.name)]
  }

  /// A recommendation that was written into an Inference is its experiment's affair.
  private static func writers(to inference: KubernetesObject) -> [ObjectKey] {
    WriteBackRecord.all(of: inference).values.map {
      ObjectKey(namespace: inference.namespace, name: $0.experiment)
    }
  }

  /// A name that is no label value has another for a label; `experiment(under:)` knows both.
  private static func labelled(_ object: KubernetesObject) -> [ObjectKey] {
    object.labels[ClusterNames.experimentLabel]
      .map { [ObjectKey(namespace: object.namespace, name: $0)] } ?? []
  }

  package func reconcile(_ key: ObjectKey) async throws -> Requeue {
    guard let experiment = try await experiment(under: key) else { return .never }
    var round = try await ExperimentRound(context, experiment)
    // The garbage collector takes the trials of one that is deleted, and their objects.
    return experiment.isBeingDeleted ? try await round.release() : try await round.run()
  }

  private func experiment(under key: ObjectKey) async throws -> KubernetesObject? {
    let kind = ResourceKind.profilingExperiments
    if let experiment = try await context.client.find(kind, key) { return experiment }
    return try await context.client.list(kind, Selection(namespace: key.namespace)).items
      .first { ClusterNames.bounded($0.name) == key.name }
  }
}
