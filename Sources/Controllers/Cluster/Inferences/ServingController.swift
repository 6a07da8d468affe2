import CustomResources
package import Kubernetes

/// Serves Inferences where KubeDL doesn't: makes the objects that serve their predictors, and,
/// unlike KubeDL, brings them up to date when an Inference changes.
///
/// An object is written only when what it is made of has changed, which a hash in its annotation
/// tells: what a server fills in, or what someone scales by hand, is no reason.
package struct ServingController: Sendable {
  private let context: ControllerContext

  package init(_ context: ControllerContext) { self.context = context }

  package var controller: Controller {
    let serving = Selection(labels: LabelSelector([.exists(PredictorObjects.inferenceLabel)]))
    return Controller(
      name: "serving",
      sources: [
        WatchSource(.inferences) { [$0.key] },
        WatchSource(.deployments, serving) { Self.owner(of: $0) },
        WatchSource(.services, serving) { Self.owner(of: $0) },
      ],
      reconcile: { try await reconcile($0) })
  }

  private static func owner(of object: KubernetesObject) -> [ObjectKey] {
    guard let owner = object.controller, owner.kind == ResourceKind.inferences.kind else {
      return []
    }
    return [ObjectKey(namespace: object.namespace, name: owner.name)]
  }

  package func reconcile(_ key: ObjectKey) async throws -> Requeue {
    guard let inference = try await context.client.find(.inferences, key),
      !inference.isBeingDeleted
    else { return .never }  // The garbage collector takes what serves it.
    var round = ServingRound(context, inference)
    return try await round.run()
  }
}
