package import Kubernetes
package import Tuning

/// The objects of one trial: a Deployment that runs the candidate, the Service by which the stress
/// test reaches it, and the Job that tests it. All are the Trial's, and no label of the service's
/// own is on any of them.
package struct CandidateObjects: Hashable, Sendable {
  private let trial: KubernetesObject
  private let experiment: String
  private let definition: ExperimentDefinition
  private let template: JSONValue

  /// - Parameters:
  ///   - trial: as the API server has it, with its UID.
  ///   - model: how KubeDL brings the model to the predictor; nil where it has no model version.
  package init(
    trial: KubernetesObject, experiment: String, definition: ExperimentDefinition,
    target: TunedContainer, configuration: Configuration, model: ModelLoading? = nil
  ) throws(JSONPatchError) {
    self.trial = trial
    self.experiment = experiment
    self.definition = definition
    let writer = ConfigurationWriter(target: target, parameters: definition.space.parameters)
    let document = try writer.document(with: configuration)
    self.template = CandidateTemplate(
      target: target.replacingDocument(document), model: model
    ).json(
      labels: ClusterNames.labels(
        experiment: experiment, trial: trial.name, attempt: Self.attempt(of: trial),
        role: .candidate))
  }

  private static func attempt(of trial: KubernetesObject) -> Int {
    trial.spec?["attempt"]?.integer ?? 0
  }

  /// Runs the candidate: one pod, which gives way to no other of its kind.
  package var deployment: KubernetesObject {
    object(
      .deployments, name: name, role: .candidate,
      [
        "replicas": 1, "revisionHistoryLimit": 0, "strategy": ["type": "Recreate"],
        "progressDeadlineSeconds": .integer(Self.seconds(definition.progressDeadline)),
        "selector": ["matchLabels": selector(.candidate)],
        "template": template,
      ])
  }

  package var service: KubernetesObject {
    let port = JSONValue.integer(definition.stressTest.port)
    return object(
      .services, name: name, role: .candidate,
      [
        "selector": selector(.candidate),
        "ports": [["name": "http", "port": port, "targetPort": port]],
      ])
  }

  /// Runs `morphling stress` once. Its last word is the container's termination message.
  /// - Parameters:
  ///   - image: with this program.
  ///   - plan: the stress test as JSON, for the variable that `morphling stress` reads.
  ///   - deadline: when it is given up.
  package func job(image: String, plan: String, deadline: Duration) -> KubernetesObject {
    object(
      .jobs, name: ClusterNames.stressJob(of: trial.name), role: .stress,
      [
        "backoffLimit": 0, "completions": 1, "parallelism": 1,
        "activeDeadlineSeconds": .integer(Self.seconds(deadline)),
        "template": [
          "metadata": ["labels": .labels(labels(.stress))],
          "spec": StressPod(
            image: image, plan: plan, pullSecrets: template["spec"]?["imagePullSecrets"]
          ).json,
        ],
      ])
  }

  /// The name of the Deployment and the Service.
  package var name: String { ClusterNames.bounded(trial.name) }

  private func object(
    _ kind: ResourceKind, name: String, role: ClusterNames.Role, _ spec: JSONValue
  ) -> KubernetesObject {
    KubernetesObject(
      kind, ObjectKey(namespace: trial.namespace, name: name),
      labels: labels(role),
      owners: OwnerReference(controller: trial).map { [$0] } ?? [], content: ["spec": spec])
  }

  private func selector(_ role: ClusterNames.Role) -> JSONValue {
    [
      ClusterNames.trialLabel: .string(ClusterNames.bounded(trial.name)),
      ClusterNames.roleLabel: .string(role.rawValue),
      ClusterNames.attemptLabel: .string(String(Self.attempt(of: trial))),
    ]
  }

  private func labels(_ role: ClusterNames.Role) -> [String: String] {
    ClusterNames.labels(
      experiment: experiment, trial: trial.name, attempt: Self.attempt(of: trial), role: role)
  }

  /// Whole seconds, at least one.
  private static func seconds(_ duration: Duration) -> Int {
    max(1, Int(duration.seconds.rounded(.up)))
  }
}

extension JSONValue {
  static func labels(_ labels: [String: String]) -> JSONValue {
    .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
}

/// The pod of a stress test: it asks the API server for nothing and may do nothing.
struct StressPod {
  let image: String
  let plan: String
  /// Those of the service: whoever may pull its image may mostly pull ours.
  let pullSecrets: JSONValue?

  private static let terminationLog = "/dev/termination-log"

  var json: JSONValue {
    guard let pullSecrets, case .object(var pod) = withoutSecrets else { return withoutSecrets }
    pod["imagePullSecrets"] = pullSecrets
    return .object(pod)
  }

  private var withoutSecrets: JSONValue {
    [
      "restartPolicy": "Never",
      "automountServiceAccountToken": false, "enableServiceLinks": false,
      "securityContext": [
        "runAsNonRoot": true, "runAsUser": 65_532, "runAsGroup": 65_532,
        "seccompProfile": ["type": "RuntimeDefault"],
      ],
      "containers": [
        [
          "name": "stress", "image": .string(image), "imagePullPolicy": "IfNotPresent",
          "args": .texts([
            "stress", "--output", "json", "--termination-log", Self.terminationLog,
          ]),
          "env": [
            ["name": "MORPHLING_STRESS_PLAN", "value": .string(Self.escaped(plan))],
            ["name": "OPENBLAS_NUM_THREADS", "value": "1"],
          ],
          "terminationMessagePath": .string(Self.terminationLog),
          "terminationMessagePolicy": "File",
          // No limit on CPU: a throttled generator would measure itself.
          "resources": [
            "requests": ["cpu": "250m", "memory": "128Mi"], "limits": ["memory": "512Mi"],
          ],
          "securityContext": RestrictedContainer.securityContext,
        ]
      ],
    ]
  }

  /// The kubelet replaces `$(NAME)`, and `$$` by `$`.
  private static func escaped(_ text: String) -> String {
    text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
  }
}
