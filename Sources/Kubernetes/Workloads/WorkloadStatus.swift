/// What the cluster says of a Deployment, as typed reads over its JSON.
package struct DeploymentStatus: Hashable, Sendable {
  package let name: String
  /// Its status speaks of the spec as it is now.
  package let isObserved: Bool
  /// As many replicas as wanted are of the present template and available, and no other is left.
  package let isRolledOut: Bool
  package let isAvailable: Bool
  /// It made no progress for as long as it may take; with the controller's words.
  package let exceededDeadline: String?
  /// Its pods could not be made, such as for want of quota; with the controller's words.
  package let replicaFailure: String?

  package init(_ deployment: KubernetesObject) {
    let status = deployment.status
    let wanted = deployment.spec?["replicas"]?.integer ?? 1
    let count = { (key: String) in status?[key]?.integer ?? 0 }
    let conditions = status?["conditions"]?.array ?? []
    name = deployment.name
    isObserved = count("observedGeneration") >= deployment.generation
    isRolledOut =
      isObserved && count("updatedReplicas") >= wanted && count("availableReplicas") >= wanted
      && count("replicas") <= wanted
    isAvailable = isObserved && count("availableReplicas") >= max(wanted, 1)
    exceededDeadline =
      conditions.first {
        $0["type"]?.string == "Progressing" && $0["status"]?.string == "False"
          && $0["reason"]?.string == "ProgressDeadlineExceeded"
      }.map { $0["message"]?.string ?? "" }
    replicaFailure =
      conditions.first {
        $0["type"]?.string == "ReplicaFailure" && $0["status"]?.string == "True"
      }.map { $0["message"]?.string ?? "" }
  }
}

/// What the cluster says of a Job, as typed reads over its JSON.
package struct JobStatus: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case running
    case complete
    /// With the controller's reason (`DeadlineExceeded`, `BackoffLimitExceeded`) and words.
    case failed(reason: String, message: String)
  }

  package let name: String
  package let creation: Timestamp?
  package let state: State

  package init(_ job: KubernetesObject) {
    name = job.name
    creation = job.creationTimestamp
    let conditions = job.status?["conditions"]?.array ?? []
    let holding = { (type: String) in
      conditions.first { $0["type"]?.string == type && $0["status"]?.string == "True" }
    }
    if let failure = holding("Failed") {
      state = .failed(
        reason: failure["reason"]?.string ?? "", message: failure["message"]?.string ?? "")
    } else {
      state = holding("Complete") == nil ? .running : .complete
    }
  }
}
