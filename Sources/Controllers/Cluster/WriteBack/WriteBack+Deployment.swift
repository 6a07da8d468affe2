import CustomResources
import Kubernetes
import Tuning

/// KubeDL makes a predictor's Deployment once and never looks at it again, so the changes are made in
/// the Deployment too. One that we serve ourselves follows its Inference.
extension WriteBack {
  /// How far the Deployment is.
  enum DeploymentStep {
    case missing(String)
    case waiting(Rollout)
    /// As many pods as are wanted have the template and are available, and no others are left.
    case ready(Rollout)
    /// It had its time.
    case overdue(Rollout)
  }

  private var key: ObjectKey {
    ObjectKey(
      namespace: inference.namespace,
      name: PredictorObjects.deploymentName(inference.name, predictor))
  }

  /// The Deployment of the predictor, if there is one, and the container in it.
  /// - Throws: `Stop` where it isn't the Inference's, or has no such container.
  func suitableDeployment(_ container: String) async throws -> KubernetesObject? {
    guard let deployment = try await client.find(.deployments, key) else { return nil }
    guard deployment.isOwned(by: inference) else {
      throw Stop(
        stage: .stopped(
          .nameTaken, "Deployment \(key): is there and isn't the Inference's; nothing is changed"))
    }
    _ = try self.container(container, of: deployment)
    return deployment
  }

  private func container(
    _ name: String, of deployment: KubernetesObject
  ) throws -> TunedContainer {
    guard let container = TunedContainer(deployment: deployment.json, container: name) else {
      throw Stop(
        stage: .stopped(.deploymentChanged, "Deployment \(key): there is no container \(name)"))
    }
    return container
  }

  /// Brings one side of the changes to the Deployment, and looks how far it is.
  func step(
    _ record: WriteBackRecord, to side: SpecChange.Side
  ) async throws -> DeploymentStep {
    guard var deployment = try await suitableDeployment(record.container) else {
      return .missing(key.name)
    }
    let container = try container(record.container, of: deployment)
    let own = WriteBackRecord.all(of: deployment)[predictor]
      .flatMap { $0.isSameWriting(as: record) ? $0 : nil }
    let isServed = deployment.annotations[ClusterNames.served] != nil
    if let own, side == .old {
      deployment = try await restored(deployment, own, container)
    } else if isServed, !container.holds(record.changes, side) {
      return wait(
        for: deployment, record, "the daemon that serves its Inference hasn't changed it yet")
    } else if side == .new, !container.holds(record.changes, .new) {
      deployment = try await changed(deployment, own, container, record)
    }
    guard !DeploymentStatus(deployment).isRolledOut else {
      return .ready(Rollout(deployment, waitingFor: nil))
    }
    return wait(for: deployment, record, try await trouble(of: deployment, record.container))
  }

  private func changed(
    _ deployment: KubernetesObject, _ own: WriteBackRecord?, _ container: TunedContainer,
    _ record: WriteBackRecord
  ) async throws -> KubernetesObject {
    if let own {
      throw changedByOthers(container.differences(from: own.changes, .new))
    }
    let changes = container.changes(record.changes)
    var patch = try container.patch(bringing: changes, .new)
    patch.operations +=
      try WriteBackRecord.patch(deployment, setting: record.with(changes), of: predictor).operations
    return try await send(patch, .deployments, key)
  }

  private func restored(
    _ deployment: KubernetesObject, _ own: WriteBackRecord, _ container: TunedContainer
  ) async throws -> KubernetesObject {
    let differences = container.differences(from: own.changes, .new)
    guard differences.isEmpty || container.holds(own.changes, .old) else {
      throw changedByOthers(differences)
    }
    var patch = try container.patch(bringing: own.changes, .old)
    patch.operations +=
      try WriteBackRecord.patch(deployment, setting: nil, of: predictor).operations
    return try await send(patch, .deployments, key)
  }

  private func changedByOthers(_ differences: [String]) -> Stop {
    Stop(
      stage: .stopped(
        .deploymentChanged,
        "Deployment \(key): was changed by somebody else and stays as it is: "
          + differences.joined(separator: "; ")))
  }

  private func wait(
    for deployment: KubernetesObject, _ record: WriteBackRecord, _ why: String?
  ) -> DeploymentStep {
    let rollout = Rollout(deployment, waitingFor: why)
    let start = max(record.time, deployment.creationTimestamp ?? record.time)
    return now - start > record.deadline ? .overdue(rollout) : .waiting(rollout)
  }

  /// What keeps its pods from being ready, in the words of a candidate's.
  private func trouble(
    of deployment: KubernetesObject, _ container: String
  ) async throws -> String? {
    guard let labels = deployment.spec?["selector"].flatMap(LabelSelector.init) else { return nil }
    let selection = Selection(namespace: deployment.namespace, labels: labels)
    let pods = try await client.list(.pods, selection).items.map { PodStatus($0) }
      .filter { !$0.isReady && !$0.isBeingDeleted }
    guard !pods.isEmpty else { return nil }
    let verdict = CandidateVerdict(
      DeploymentStatus(deployment), pods, container: container, phase: .starting, isOverdue: false)
    switch verdict {
    case .waiting(let why), .lost(let why), .fatal(let why): return why
    case .infeasible(let why): return why.detail
    case .ready: return nil
    }
  }
}
