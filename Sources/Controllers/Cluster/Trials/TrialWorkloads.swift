import CustomResources
import Kubernetes

/// The objects of an experiment's trials, as they are now.
struct TrialWorkloads: Sendable {
  private let deployments: [String: KubernetesObject]
  private let services: [String: KubernetesObject]
  private let jobs: [String: KubernetesObject]
  private let pods: [KubernetesObject]

  init(of experiment: KubernetesObject, _ client: Client) async throws {
    let selection = Selection(
      namespace: experiment.namespace, labels: ClusterNames.trials(of: experiment.name))
    func named(_ kind: ResourceKind) async throws -> [String: KubernetesObject] {
      let items = try await client.list(kind, selection).items
      return Dictionary(items.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    }
    deployments = try await named(.deployments)
    services = try await named(.services)
    jobs = try await named(.jobs)
    pods = try await client.list(.pods, selection).items
  }

  /// Everything of a trial that is there, of whatever attempt: what loads first.
  func objects(of trial: KubernetesObject) -> [(kind: ResourceKind, object: KubernetesObject)] {
    let name = ClusterNames.bounded(trial.name)
    let found: [(ResourceKind, KubernetesObject?)] = [
      (.jobs, jobs[ClusterNames.stressJob(of: trial.name)]), (.deployments, deployments[name]),
      (.services, services[name]),
    ]
    return found.compactMap { kind, object in
      object.flatMap { $0.isOwned(by: trial) ? (kind, $0) : nil }
    }
  }

  /// Whether something of an attempt before this one is left, which has to go first.
  func hasStale(of trial: TrialObject) -> Bool {
    objects(of: trial.object).contains { !Self.isOf(trial, $0.object) }
  }

  func service(of trial: TrialObject) -> KubernetesObject? {
    services[ClusterNames.bounded(trial.object.name)].flatMap { Self.isOf(trial, $0) ? $0 : nil }
  }

  /// What the trial's objects show.
  /// - Parameter now: when an attempt begins whose Deployment isn't there yet.
  func observation(of trial: TrialObject, at now: Timestamp) -> TrialObservation {
    let deployment = deployments[ClusterNames.bounded(trial.object.name)]
      .flatMap { Self.isOf(trial, $0) ? $0 : nil }
    let job = jobs[ClusterNames.stressJob(of: trial.object.name)]
      .flatMap { Self.isOf(trial, $0) ? $0 : nil }
    return TrialObservation(
      trial: trial.trial, attempt: trial.attempt, start: deployment?.creationTimestamp ?? now,
      deployment: deployment.map(DeploymentStatus.init), candidatePods: pods(of: trial, .candidate),
      job: job.map(JobStatus.init), stressPods: pods(of: trial, .stress),
      hasMore: !objects(of: trial.object).isEmpty)
  }

  private func pods(of trial: TrialObject, _ role: ClusterNames.Role) -> [PodStatus] {
    let selector = ClusterNames.objects(
      ofTrial: trial.object.name, attempt: trial.attempt, role: role)
    return pods.filter { selector.matches($0.labels) }.map(PodStatus.init)
  }

  private static func isOf(_ trial: TrialObject, _ object: KubernetesObject) -> Bool {
    object.isOwned(by: trial.object)
      && object.labels[ClusterNames.attemptLabel] == String(trial.attempt)
  }
}
