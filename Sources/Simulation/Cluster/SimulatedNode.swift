package import Kubernetes

/// What plays the controllers and the node of a cluster in memory: it makes the pods of
/// Deployments and Jobs, gives Services addresses, and lets containers behave as it is told.
///
/// Nothing happens by itself: each call of `advance()` takes every object one step further.
package struct SimulatedNode: Sendable {
  /// How the container of a candidate behaves.
  package enum Behavior: Hashable, Sendable {
    /// It gets ready, and a stress test of it leaves this termination message.
    case serves(result: String)
    /// It gets ready, and its stress test fails without a word.
    case losesItsTest(reason: String)
    /// It gets ready, and is killed for want of memory once it is under load.
    case outOfMemoryUnderLoad
    case outOfMemory
    case crashes(log: String)
    case unschedulable(String)
    case imageMissing(reason: String)
    case neverReady
    /// Its pod is taken away before it is ready.
    case evicted
  }

  private let server: InMemoryAPIServer
  private let client: Client
  private let behavior: @Sendable (_ deployment: KubernetesObject) -> Behavior

  package init(
    _ server: InMemoryAPIServer,
    behavior: @escaping @Sendable (_ deployment: KubernetesObject) -> Behavior
  ) {
    self.server = server
    self.client = .inMemory(server, manager: "node")
    self.behavior = behavior
  }

  package func advance() async throws {
    for service in server.objects(.services) where service.spec?["clusterIP"] == nil {
      let address: JSONValue = ["spec": ["clusterIP": "10.96.0.7"]]
      _ = try await client.patch(.services, service.key, .merge(address))
    }
    for deployment in server.objects(.deployments) where !deployment.isBeingDeleted {
      try await advance(deployment)
    }
    for job in server.objects(.jobs) where !job.isBeingDeleted { try await advance(job: job) }
  }

  // MARK: Candidates

  private func advance(_ deployment: KubernetesObject) async throws {
    guard let pod = pod(of: deployment) else { return try await makePod(of: deployment) }
    let status = Self.status(of: behavior(deployment), isLoaded: isLoaded(deployment))
    try await write(status.setting(container: Self.container(of: deployment)), to: pod, .pods)
    let isReady = PodStatus(KubernetesObject(["status": status])).isReady
    let count: JSONValue = isReady ? 1 : 0
    try await write(
      [
        "observedGeneration": .integer(deployment.generation), "replicas": 1,
        "updatedReplicas": 1, "availableReplicas": count, "readyReplicas": count,
      ], to: deployment, .deployments)
  }

  private func isLoaded(_ deployment: KubernetesObject) -> Bool {
    server.objects(.jobs).contains { job in
      deployment.controller.map { owner in
        job.ownerReferences.contains { $0.uid == owner.uid }
      } ?? false
    }
  }

  private static func container(of object: KubernetesObject) -> String {
    let containers = object.spec?["template"]?["spec"]?["containers"]?.array ?? []
    return containers.last?["name"]?.string ?? ""
  }

  private static func status(of behavior: Behavior, isLoaded: Bool) -> JSONValue {
    switch behavior {
    case .serves, .losesItsTest: running(isReady: true)
    case .outOfMemoryUnderLoad: isLoaded ? ended("OOMKilled", 137) : running(isReady: true)
    case .outOfMemory: ended("OOMKilled", 137)
    case .crashes: ended("Error", 1)
    case .unschedulable(let why):
      [
        "phase": "Pending",
        "conditions": [
          [
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": .string(why),
          ]
        ],
      ]
    case .imageMissing(let reason):
      [
        "phase": "Pending",
        "containerStatuses": [["state": ["waiting": ["reason": .string(reason)]]]],
      ]
    case .neverReady: running(isReady: false)
    case .evicted:
      ["phase": "Failed", "reason": "Evicted", "message": "the node was low on memory"]
    }
  }

  private static func running(isReady: Bool) -> JSONValue {
    [
      "phase": "Running",
      "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
      "containerStatuses": [["ready": .bool(isReady), "state": ["running": [:]]]],
    ]
  }

  /// The kubelet has started it again, and it waits after that.
  private static func ended(_ reason: String, _ code: Int) -> JSONValue {
    [
      "phase": "Running", "conditions": [["type": "Ready", "status": "False"]],
      "containerStatuses": [
        [
          "ready": false, "restartCount": 1, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
          "lastState": ["terminated": ["reason": .string(reason), "exitCode": .integer(code)]],
        ]
      ],
    ]
  }

  // MARK: Stress tests

  private func advance(job: KubernetesObject) async throws {
    guard let pod = pod(of: job) else { return try await makePod(of: job) }
    let candidate = server.objects(.deployments).first { deployment in
      deployment.controller?.uid == job.controller?.uid
    }
    switch candidate.map(behavior) {
    case .serves(let message):
      try await write(Self.completed("stress", message), to: pod, .pods)
      try await write(Self.condition("Complete", ""), to: job, .jobs)
    case .losesItsTest(let reason):
      try await write(Self.condition("Failed", reason), to: job, .jobs)
    default: break
    }
  }

  private static func completed(_ container: String, _ message: String) -> JSONValue {
    [
      "phase": "Succeeded",
      "containerStatuses": [
        [
          "name": .string(container),
          "state": [
            "terminated": [
              "reason": "Completed", "exitCode": 0, "message": .string(message),
            ]
          ],
        ]
      ],
    ]
  }

  private static func condition(_ type: String, _ reason: String) -> JSONValue {
    ["conditions": [["type": .string(type), "status": "True", "reason": .string(reason)]]]
  }

  // MARK: Pods

  private func pod(of owner: KubernetesObject) -> KubernetesObject? {
    server.objects(.pods).first { $0.isOwned(by: owner) }
  }

  private func makePod(of owner: KubernetesObject) async throws {
    let template = owner.spec?["template"]
    var pod = KubernetesObject(
      .pods, ObjectKey(namespace: owner.namespace, name: owner.name + "-pod"),
      owners: OwnerReference(controller: owner).map { [$0] } ?? [])
    pod.set(template?["metadata"]?["labels"], at: ["metadata", "labels"])
    pod.spec = template?["spec"]
    pod.set("node-1", at: ["spec", "nodeName"])
    let made = try await client.create(.pods, pod)
    if case .crashes(let log) = behavior(owner) {
      let container = Self.container(of: owner)
      server.setLog(of: made.key, container: container, previous: true, to: log)
    }
  }

  private func write(
    _ status: JSONValue, to object: KubernetesObject, _ kind: ResourceKind
  ) async throws {
    _ = try await client.patch(
      kind, object.key, .merge(["status": status]), subresource: .status)
  }
}

extension JSONValue {
  /// A pod's status with the name of its one container.
  fileprivate func setting(container: String) -> JSONValue {
    guard var object = object, let statuses = object["containerStatuses"]?.array else {
      return self
    }
    object["containerStatuses"] = .array(
      statuses.map { status in
        var status = status.object ?? JSONObject()
        status["name"] = .string(container)
        return .object(status)
      })
    return .object(object)
  }
}
