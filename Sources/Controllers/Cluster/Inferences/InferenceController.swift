import CustomResources
package import Kubernetes

/// Has new Inferences tuned: makes an experiment for each of their predictors, and another one once
/// what a predictor serves has changed.
///
/// It remembers nothing. What was tuned stands in annotations of the experiments, which belong to
/// the Inference; whether an Inference is new is told by the age of the daemon's Lease.
package struct InferenceController: Sendable {
  private let context: ControllerContext
  private let lease: ObjectKey

  /// - Parameter lease: the daemon's; it was made when a daemon first led in this cluster.
  package init(_ context: ControllerContext, lease: ObjectKey) {
    self.context = context
    self.lease = lease
  }

  package var controller: Controller {
    let fields = "metadata.name=\(MorphlingConfiguration.name)"
    return Controller(
      name: "inference",
      sources: [
        WatchSource(.inferences) { [$0.key] },
        WatchSource(.profilingExperiments) { Self.inferences(of: $0) },
        .everything(
          after: .configMaps, Selection(namespace: context.namespace, fields: fields)),
        .everything(after: .configMaps, Selection(fields: fields)),
      ],
      reconcile: { try await reconcile($0) })
  }

  private static func inferences(of experiment: KubernetesObject) -> [ObjectKey] {
    ExperimentDefinition.inferenceName(of: experiment)
      .map { [ObjectKey(namespace: experiment.namespace, name: $0)] } ?? []
  }

  package func reconcile(_ key: ObjectKey) async throws -> Requeue {
    guard let inference = try await context.client.find(.inferences, key),
      !inference.isBeingDeleted
    else { return .never }  // The garbage collector takes its experiments.
    let round = try await InferenceRound(context, inference, lease: lease)
    return try await round.run()
  }
}
