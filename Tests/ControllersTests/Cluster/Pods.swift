import Kubernetes

/// Pods, Deployments and Jobs as a cluster shows them.
enum Pods {
  static func pod(
    _ name: String = "minilm-3-abcde", phase: String = "Running", ready: Bool = false,
    node: String? = "node-1", reason: String? = nil, isBeingDeleted: Bool = false,
    unschedulable: String? = nil, initContainers: [JSONValue] = [],
    containers: [JSONValue] = [], containersReady: Bool? = nil,
    created: Timestamp = Timestamp(seconds: 1_000)
  ) -> PodStatus {
    var conditions: [JSONValue] = [
      ["type": "Ready", "status": ready ? "True" : "False"]
    ]
    if let containersReady {
      conditions.append([
        "type": "ContainersReady", "status": containersReady ? "True" : "False",
      ])
    }
    if let unschedulable {
      conditions.append([
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": .string(unschedulable),
      ])
    }
    var status: [(String, JSONValue)] = [
      ("phase", .string(phase)), ("conditions", .array(conditions)),
      ("initContainerStatuses", .array(initContainers)), ("containerStatuses", .array(containers)),
    ]
    if let reason { status.append(("reason", .string(reason))) }
    var pod = KubernetesObject(
      .pods, ObjectKey(namespace: "default", name: name),
      content: [
        "spec": node.map { ["nodeName": .string($0)] } ?? [:],
        "status": .object(JSONObject(status)),
      ])
    pod.setMetadata("creationTimestamp", .string(created.description))
    if isBeingDeleted { pod.setMetadata("deletionTimestamp", "2026-01-01T00:00:00Z") }
    return PodStatus(pod)
  }

  static func running(_ name: String = "predictor") -> JSONValue {
    ["name": .string(name), "ready": true, "state": ["running": [:]]]
  }

  static func waiting(
    _ reason: String, message: String = "", lastEnd: JSONValue? = nil, restarts: Int = 2,
    _ name: String = "predictor"
  ) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("name", .string(name)), ("ready", false), ("restartCount", .integer(restarts)),
      ("state", ["waiting": ["reason": .string(reason), "message": .string(message)]]),
    ]
    if let lastEnd { members.append(("lastState", ["terminated": lastEnd])) }
    return .object(JSONObject(members))
  }

  static func ended(
    _ reason: String, exitCode: Int, message: String? = nil, _ name: String = "predictor"
  ) -> JSONValue {
    ["name": .string(name), "state": ["terminated": end(reason, exitCode, message)]]
  }

  static func end(_ reason: String, _ exitCode: Int, _ message: String? = nil) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("reason", .string(reason)), ("exitCode", .integer(exitCode)),
    ]
    if let message { members.append(("message", .string(message))) }
    return .object(JSONObject(members))
  }

  static func deployment(
    exceededDeadline: String? = nil, replicaFailure: String? = nil
  ) -> DeploymentStatus {
    var conditions: [JSONValue] = []
    if let replicaFailure {
      conditions.append([
        "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
        "message": .string(replicaFailure),
      ])
    }
    if let exceededDeadline {
      conditions.append([
        "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
        "message": .string(exceededDeadline),
      ])
    }
    return DeploymentStatus(
      KubernetesObject(
        .deployments, ObjectKey(namespace: "default", name: "minilm-3"),
        content: [
          "spec": ["replicas": 1],
          "status": ["conditions": .array(conditions), "observedGeneration": 1],
        ]))
  }

  static func job(
    _ condition: (type: String, reason: String)? = nil, created: Timestamp? = nil
  ) -> JobStatus {
    var conditions: [JSONValue] = []
    if let condition {
      conditions.append([
        "type": .string(condition.type), "status": "True", "reason": .string(condition.reason),
        "message": "words",
      ])
    }
    var job = KubernetesObject(
      .jobs, ObjectKey(namespace: "default", name: "minilm-3-stress"),
      content: ["status": ["conditions": .array(conditions)]])
    job.setMetadata("creationTimestamp", created.map { .string($0.description) })
    return JobStatus(job)
  }
}
