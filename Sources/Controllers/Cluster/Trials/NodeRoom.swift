import CustomResources
import Kubernetes

/// The pods of trials that take room on nodes, in all namespaces.
struct NodeRoom: Sendable {
  /// A pod that should have gone for so long is stuck, and isn't waited for.
  private static let patience: Duration = .seconds(30)

  private let pods: [KubernetesObject]

  init(_ client: Client) async throws {
    let ofTrials = Selection(labels: LabelSelector([.exists(ClusterNames.roleLabel)]))
    pods = try await client.list(.pods, ofTrials).items.filter { pod in
      let status = PodStatus(pod)
      return status.nodeName != nil && ![.failed, .succeeded].contains(status.phase)
    }
  }

  /// A pod that is about to leave; nil where none is. Whoever starts beside it may find no room, and
  /// be blamed for that.
  func leaving(at now: Timestamp) -> ObjectKey? {
    pods.first { pod in
      pod.deletionTimestamp.map { now < $0 + Self.patience } ?? false
    }?.key
  }

  /// Whether other trials have a pod on a node.
  func isTaken(beside trial: KubernetesObject) -> Bool {
    pods.contains { pod in
      pod.namespace != trial.namespace
        || pod.labels[ClusterNames.trialLabel] != ClusterNames.bounded(trial.name)
    }
  }
}
