package import Kubernetes

/// Where the writing of a recommendation into its Inference stands, for the condition `Applied` of
/// the experiment.
package enum WriteBackStage: Hashable, Sendable {
  /// The Inference has the recommended values already.
  case nothingToChange
  /// It stands in an annotation of the Inference.
  case proposed(summary: String)
  /// The Inference or its Deployment changed while it was written to: it is looked at again.
  case conflict(String)
  /// It isn't written, or can't be followed: one word, and a sentence.
  case stopped(Obstacle, String)
  case rollingOut(Rollout)
  /// With how far the Deployment was when that was seen.
  case rolledOut(summary: String, Rollout?)
  /// Written; nobody has made a Deployment of the predictor.
  case noDeployment(String)
  /// Somebody wrote other values over it.
  case changedSince([String])
  case rollingBack(because: String, Rollout)
  case rolledBack(because: String)

  /// What is in the way.
  package enum Obstacle: String, Hashable, Sendable {
    case inferenceNotFound = "InferenceNotFound"
    case invalidMode = "InvalidMode"
    /// Predictor or container aren't there any more.
    case targetChanged = "TargetChanged"
    /// What runs isn't what was measured.
    case serviceChanged = "ServiceChanged"
    /// The Deployment isn't the Inference's.
    case nameTaken = "NameTaken"
    /// By the API server.
    case refused = "Refused"
    /// Somebody changed the Deployment.
    case deploymentChanged = "DeploymentChanged"
    /// The old values are back, and their pods don't get ready either.
    case rollbackNotReady = "RollbackNotReady"
  }

  /// The type of the condition.
  package static let conditionType = "Applied"

  /// Whether something is still to come without anybody's doing.
  package var isUnderWay: Bool {
    switch self {
    case .conflict, .rollingOut, .rollingBack: true
    case .nothingToChange, .proposed, .stopped, .rolledOut, .noDeployment, .changedSince,
      .rolledBack:
      false
    }
  }

  /// The same of a condition that stands in a status.
  package static func isUnderWay(_ condition: Condition) -> Bool { condition.status == .unknown }

  /// Whether a recommendation that was to be applied isn't in the end, by a condition.
  package static func isFailure(_ condition: Condition) -> Bool {
    condition.status == .no && condition.reason != proposedReason
  }

  /// Whether a condition says that it stood in the Inference once: whoever has written something
  /// else since is in the right.
  package static func wasWritten(_ condition: Condition) -> Bool {
    condition.status == .yes || writtenReasons.contains(condition.reason)
  }

  private static let writtenReasons: Set<String> = [
    "RollingOut", "ChangedSince", "RollingBack", "RolledBack", Obstacle.rollbackNotReady.rawValue,
  ]
  private static let proposedReason = "Proposed"

  package var reason: String {
    switch self {
    case .nothingToChange: "NothingToChange"
    case .proposed: Self.proposedReason
    case .conflict: "Conflict"
    case .stopped(let obstacle, _): obstacle.rawValue
    case .rollingOut: "RollingOut"
    case .rolledOut: "RolledOut"
    case .noDeployment: "NoDeployment"
    case .changedSince: "ChangedSince"
    case .rollingBack: "RollingBack"
    case .rolledBack: "RolledBack"
    }
  }

  package var message: String {
    switch self {
    case .nothingToChange: "the Inference has the recommended values already"
    case .proposed(let summary):
      "\(summary) is proposed in the annotation \(ClusterNames.recommendation) of the Inference"
    case .conflict(let message): "it changed while it was written to, and is read again: \(message)"
    case .stopped(_, let message): message
    case .rollingOut(let rollout): "written into the Inference; \(rollout)"
    case .rolledOut(let summary, _): "every pod of the Deployment is ready with \(summary)"
    case .noDeployment(let name):
      "written into the Inference; there is no Deployment \(name) to bring it to"
    case .changedSince(let differences):
      "other values were written since: \(differences.joined(separator: "; "))"
    case .rollingBack(let why, let rollout): "the old values are written back: \(why); \(rollout)"
    case .rolledBack(let why): "the old values are back: \(why)"
    }
  }

  package func condition(observedGeneration: Int, at now: Timestamp) -> Condition {
    let status: Condition.Status =
      switch self {
      case .nothingToChange, .rolledOut, .noDeployment: .yes
      case .conflict, .rollingOut, .rollingBack: .unknown
      case .proposed, .stopped, .changedSince, .rolledBack: .no
      }
    return Condition(
      Self.conditionType, status, reason: reason, message: String(message.prefix(8_000)),
      observedGeneration: observedGeneration, at: now)
  }

  private var rollout: Rollout? {
    switch self {
    case .rollingOut(let rollout), .rollingBack(_, let rollout): rollout
    case .rolledOut(_, let rollout): rollout
    default: nil
    }
  }

  /// The merge patch for an experiment's status; nil where it says so already.
  package func statusPatch(of experiment: KubernetesObject, at now: Timestamp) -> JSONValue? {
    var conditions = experiment.conditions
    conditions.set(condition(observedGeneration: experiment.generation, at: now))
    var status = experiment.status?.object ?? JSONObject()
    status["conditions"] = .array(conditions.map(\.json))
    // What it came to stays.
    if let rollout { status["rollout"] = rollout.json }
    return JSONValue.object(status).mergePatch(from: experiment.status).map { ["status": $0] }
  }
}

/// How far a Deployment has come on its way to a new template.
package struct Rollout: Hashable, Sendable {
  package let deployment: String
  /// Pods that are wanted; that have the new template; that, at least, of these are ready.
  package let replicas: Int
  package let updated: Int
  package let available: Int
  /// What it waits for.
  package let waitingFor: String?

  package init(_ deployment: KubernetesObject, waitingFor: String?) {
    let count = { (key: String) in deployment.status?[key]?.integer ?? 0 }
    let isObserved = count("observedGeneration") >= deployment.generation
    self.deployment = deployment.name
    replicas = deployment.spec?["replicas"]?.integer ?? 1
    updated = isObserved ? count("updatedReplicas") : 0
    // Pods of the old template are counted along; as a rule they are available.
    let others = count("replicas") - count("updatedReplicas")
    available = isObserved ? max(count("availableReplicas") - max(others, 0), 0) : 0
    self.waitingFor = waitingFor
  }

  /// Of a Deployment that isn't there.
  package init(missing name: String) {
    deployment = name
    (replicas, updated, available) = (0, 0, 0)
    waitingFor = "there is no Deployment \(name)"
  }

  var json: JSONValue {
    [
      "deployment": .string(deployment), "replicas": .integer(replicas),
      "updatedReplicas": .integer(updated), "availableReplicas": .integer(available),
    ]
  }
}

extension Rollout: CustomStringConvertible {
  /// `1 of 2 pods of Deployment embedder-main are up to date, 0 are ready: …`
  package var description: String {
    let counts =
      "\(updated) of \(replicas) pods of Deployment \(deployment) are up to date, "
      + "\(available) are ready"
    return waitingFor.map { "\(counts): \($0)" } ?? counts
  }
}
