/// What the cluster says of a pod, as typed reads over its JSON.
package struct PodStatus: Hashable, Sendable {
  package enum Phase: String, Hashable, Sendable {
    case pending = "Pending"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    /// Its node can't be reached.
    case unknown = "Unknown"
  }

  package let name: String
  package let phase: Phase
  /// Why the pod as a whole is as it is: `Evicted`, `NodeLost`, …; nil as a rule.
  package let reason: String?
  package let message: String?
  package let isBeingDeleted: Bool
  package let isReady: Bool
  /// Whether its node doesn't answer: the node controller then takes the pod's word `Ready` away, and
  /// leaves what the kubelet said last of its containers.
  package let isOutOfReach: Bool
  /// Why no node was found for it; nil once there is one.
  package let unschedulable: String?
  package let nodeName: String?
  package let creation: Timestamp?
  /// Those of the init containers first.
  package let containers: [ContainerStatus]

  package init(_ pod: KubernetesObject) {
    let status = pod.status
    let conditions = (status?["conditions"]?.array ?? []).map(Self.condition)
    name = pod.name
    phase = Phase(rawValue: status?["phase"]?.string ?? "") ?? .pending
    reason = status?["reason"]?.string
    message = status?["message"]?.string
    isBeingDeleted = pod.isBeingDeleted
    isReady = conditions.contains { $0.type == "Ready" && $0.status == "True" }
    // A pod with gates of its own has other reasons not to be ready.
    isOutOfReach =
      conditions.contains { $0.type == "Ready" && $0.status == "False" }
      && conditions.contains { $0.type == "ContainersReady" && $0.status == "True" }
      && (pod.spec?["readinessGates"]?.array ?? []).isEmpty
    unschedulable =
      conditions.first {
        $0.type == "PodScheduled" && $0.status == "False" && $0.reason == "Unschedulable"
      }?.message
    nodeName = pod.spec?["nodeName"]?.string
    creation = pod.creationTimestamp
    containers =
      (status?["initContainerStatuses"]?.array ?? []).map { ContainerStatus($0, isInit: true) }
      + (status?["containerStatuses"]?.array ?? []).map { ContainerStatus($0, isInit: false) }
  }

  /// What the scheduler found too little of, as in `0/3 nodes are available: 1 Insufficient memory, 2
  /// Insufficient nvidia.com/gpumem.`; nil where it names nothing.
  package var insufficientResources: [String]? {
    let parts = (unschedulable ?? "").split(separator: " ")
    let names = zip(parts, parts.dropFirst()).filter { $0.0 == "Insufficient" }
      .map { $0.1.trimmingSuffix { $0 == "." || $0 == "," } }
    return names.isEmpty ? nil : Set(names).sorted()
  }

  /// Whether it is gone through no fault of its own: evicted, preempted, turned away by the kubelet
  /// of the node that it was placed on (such as for want of a device), or its node is lost.
  package var isLost: Bool {
    phase == .unknown || isOutOfReach || Self.lossReasons.contains(reason ?? "")
      || (phase == .failed && reason?.hasPrefix("OutOf") ?? false)
  }

  private static let lossReasons: Set<String> = [
    "Evicted", "Preempting", "NodeLost", "NodeShutdown", "Shutdown", "Terminated",
    "UnexpectedAdmissionError", "NodeAffinity", "AdmissionError",
  ]

  private static func condition(
    _ json: JSONValue
  ) -> (type: String, status: String, reason: String, message: String) {
    (
      json["type"]?.string ?? "", json["status"]?.string ?? "", json["reason"]?.string ?? "",
      json["message"]?.string ?? ""
    )
  }
}

/// What the cluster says of a container.
package struct ContainerStatus: Hashable, Sendable {
  /// How a container ended.
  package struct Termination: Hashable, Sendable {
    /// `OOMKilled`, `Error`, `Completed`, …
    package let reason: String
    package let exitCode: Int
    /// What the container left in its termination message.
    package let message: String?
  }

  package let name: String
  package let isInit: Bool
  package let isReady: Bool
  package let restarts: Int
  /// Why it doesn't run yet, or again: `ImagePullBackOff`, `CrashLoopBackOff`, …; nil when it runs.
  package let waitingReason: String?
  package let waitingMessage: String?
  /// Its end, if it has ended and wasn't started again.
  package let termination: Termination?
  /// Its end before it was last started again.
  package let lastTermination: Termination?

  init(_ json: JSONValue, isInit: Bool) {
    name = json["name"]?.string ?? ""
    self.isInit = isInit
    isReady = json["ready"] == .bool(true)
    restarts = json["restartCount"]?.integer ?? 0
    waitingReason = json["state"]?["waiting"]?["reason"]?.string
    waitingMessage = json["state"]?["waiting"]?["message"]?.string
    termination = json["state"]?["terminated"].map(Self.termination)
    lastTermination = json["lastState"]?["terminated"].map(Self.termination)
  }

  private static func termination(_ json: JSONValue) -> Termination {
    Termination(
      reason: json["reason"]?.string ?? "", exitCode: json["exitCode"]?.integer ?? 0,
      message: json["message"]?.string)
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isLeftOut: (Character) -> Bool) -> String {
    var rest = self
    while let last = rest.last, isLeftOut(last) { rest.removeLast() }
    return String(rest)
  }
}
