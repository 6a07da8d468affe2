import Kubernetes

/// What the daemon may do, and no more: an account, its roles, and what people who may edit or
/// view a namespace may do with our kinds.
struct RoleManifests {
  let namespace: String

  var objects: [JSONValue] {
    [
      account,
      clusterRole(Installation.name, Self.daemonRules),
      binding("ClusterRoleBinding", Installation.name, role: "ClusterRole", in: nil),
      leaseRole,
      binding("RoleBinding", Installation.name, role: "Role", in: namespace),
      clusterRole("morphling-edit", Self.editRules, aggregatedTo: ["admin", "edit"]),
      clusterRole("morphling-view", Self.viewRules, aggregatedTo: ["view"]),
    ]
  }

  /// What it also needs to serve Inferences where KubeDL doesn't: their status, and objects that
  /// follow a changed spec.
  var servingObjects: [JSONValue] {
    let name = "morphling-serving"
    return [
      clusterRole(name, Self.servingRules),
      binding("ClusterRoleBinding", name, role: "ClusterRole", in: nil),
    ]
  }

  private struct Rule {
    let groups: [String]
    let resources: [String]
    let verbs: [String]
    var names: [String] = []

    var json: JSONValue {
      var rule = JSONObject([("apiGroups", .texts(groups)), ("resources", .texts(resources))])
      if !names.isEmpty { rule["resourceNames"] = .texts(names) }
      rule["verbs"] = .texts(verbs)
      return .object(rule)
    }
  }

  private static let read = ["get", "list", "watch"]
  private static let ourKinds = ["profilingexperiments", "trials"]

  private static let daemonRules = [
    // The services to tune. A recommendation is a patch; finalizers let experiments have an
    // Inference for an owner where the server enforces it.
    Rule(groups: ["serving.kubedl.io"], resources: ["inferences"], verbs: read + ["patch"]),
    Rule(
      groups: ["serving.kubedl.io"], resources: ["inferences/finalizers"], verbs: ["update"]),
    Rule(groups: ["model.kubedl.io"], resources: ["modelversions"], verbs: read),
    // Our own kinds.
    Rule(
      groups: ["morphling.kubedl.io"], resources: ourKinds,
      verbs: read + ["create", "update", "patch", "delete"]),
    Rule(
      groups: ["morphling.kubedl.io"], resources: ourKinds.map { "\($0)/status" },
      verbs: ["get", "update", "patch"]),
    Rule(
      groups: ["morphling.kubedl.io"], resources: ourKinds.map { "\($0)/finalizers" },
      verbs: ["update"]),
    // Candidates and their stress tests. Deployments are patched only to apply a recommendation.
    Rule(
      groups: ["apps"], resources: ["deployments"], verbs: read + ["create", "patch", "delete"]),
    Rule(groups: [""], resources: ["services"], verbs: read + ["create", "delete"]),
    Rule(groups: ["batch"], resources: ["jobs"], verbs: read + ["create", "delete"]),
    Rule(groups: [""], resources: ["pods"], verbs: read),
    Rule(groups: [""], resources: ["pods/log"], verbs: ["get"]),
    // What was told before is counted, so it is read first.
    Rule(groups: [""], resources: ["events"], verbs: ["get", "create", "patch"]),
    Rule(
      groups: [""], resources: ["configmaps"], verbs: read, names: [MorphlingConfiguration.name]),
  ]

  private static let servingRules = [
    Rule(
      groups: ["serving.kubedl.io"], resources: ["inferences/status"],
      verbs: ["get", "update", "patch"]),
    Rule(groups: [""], resources: ["services"], verbs: ["patch"]),
  ]

  private static let editRules = [
    Rule(
      groups: ["morphling.kubedl.io"], resources: ourKinds,
      verbs: read + ["create", "update", "patch", "delete"]),
    // `tune` makes an Inference where there is none, and `rollback` writes to it.
    Rule(
      groups: ["serving.kubedl.io"], resources: ["inferences"],
      verbs: read + ["create", "patch"]),
  ]
  private static let viewRules = [
    Rule(groups: ["morphling.kubedl.io"], resources: ourKinds, verbs: read),
    Rule(groups: ["serving.kubedl.io"], resources: ["inferences"], verbs: read),
  ]

  private var account: JSONValue {
    ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(in: namespace)]
  }

  private func clusterRole(
    _ name: String, _ rules: [Rule], aggregatedTo roles: [String] = []
  ) -> JSONValue {
    var labels = ManifestLabels.json.object ?? JSONObject()
    for role in roles { labels["rbac.authorization.k8s.io/aggregate-to-\(role)"] = "true" }
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
      "metadata": ["name": .string(name), "labels": .object(labels)],
      "rules": .array(rules.map(\.json)),
    ]
  }

  /// Leader election. A name can't be known before it is created, so `create` has none.
  private var leaseRole: JSONValue {
    let group = ["coordination.k8s.io"]
    let rules = [
      Rule(groups: group, resources: ["leases"], verbs: ["create"]),
      Rule(
        groups: group, resources: ["leases"], verbs: ["get", "update", "patch"],
        names: [Installation.name]),
    ]
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
      "metadata": metadata(in: namespace), "rules": .array(rules.map(\.json)),
    ]
  }

  private func binding(
    _ kind: String, _ name: String, role: String, in namespace: String?
  ) -> JSONValue {
    [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": .string(kind),
      "metadata": metadata(name, in: namespace),
      "roleRef": [
        "apiGroup": "rbac.authorization.k8s.io", "kind": .string(role),
        "name": .string(name),
      ],
      "subjects": [
        [
          "kind": "ServiceAccount", "name": .string(Installation.name),
          "namespace": .string(self.namespace),
        ]
      ],
    ]
  }

  private func metadata(
    _ name: String = Installation.name, in namespace: String?
  ) -> JSONValue {
    var metadata = JSONObject([("name", .string(name))])
    metadata["namespace"] = namespace.map(JSONValue.string)
    metadata["labels"] = ManifestLabels.json
    return .object(metadata)
  }
}
