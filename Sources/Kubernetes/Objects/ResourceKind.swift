/// A kind of object that the API server keeps, and where.
package struct ResourceKind: Hashable, Sendable {
  /// Empty for the core group.
  package let group: String
  package let version: String
  /// As it stands in paths: `deployments`.
  package let plural: String
  /// As it stands in objects: `Deployment`.
  package let kind: String
  package let isNamespaced: Bool

  package init(
    group: String = "", version: String, plural: String, kind: String, isNamespaced: Bool = true
  ) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
  }

  /// `apps/v1`; `v1` for the core group.
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// `/apis/apps/v1`; `/api/v1` for the core group.
  package var groupPath: String { Self.groupPath(of: apiVersion) }

  /// The path of an API group's version.
  package static func groupPath(of apiVersion: String) -> String {
    apiVersion.contains("/") ? "/apis/\(apiVersion)" : "/api/\(apiVersion)"
  }
}

extension ResourceKind: CustomStringConvertible {
  /// `deployments.apps`, as kubectl takes it.
  package var description: String { group.isEmpty ? plural : "\(plural).\(group)" }
}

// MARK: - Those that we use

extension ResourceKind {
  package static let pods = ResourceKind(version: "v1", plural: "pods", kind: "Pod")
  package static let services = ResourceKind(version: "v1", plural: "services", kind: "Service")
  package static let configMaps = ResourceKind(
    version: "v1", plural: "configmaps", kind: "ConfigMap")
  package static let serviceAccounts = ResourceKind(
    version: "v1", plural: "serviceaccounts", kind: "ServiceAccount")
  /// The core group's events: every version of Kubernetes serves them.
  package static let events = ResourceKind(version: "v1", plural: "events", kind: "Event")
  package static let namespaces = ResourceKind(
    version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)
  package static let nodes = ResourceKind(
    version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
  package static let deployments = ResourceKind(
    group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
  package static let replicaSets = ResourceKind(
    group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet")
  package static let jobs = ResourceKind(
    group: "batch", version: "v1", plural: "jobs", kind: "Job")
  package static let leases = ResourceKind(
    group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
  package static let customResourceDefinitions = ResourceKind(
    group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition", isNamespaced: false)

  package static let profilingExperiments = ResourceKind(
    group: "morphling.kubedl.io", version: "v1alpha1", plural: "profilingexperiments",
    kind: "ProfilingExperiment")
  package static let trials = ResourceKind(
    group: "morphling.kubedl.io", version: "v1alpha1", plural: "trials", kind: "Trial")
  package static let inferences = ResourceKind(
    group: "serving.kubedl.io", version: "v1alpha1", plural: "inferences", kind: "Inference")
  package static let modelVersions = ResourceKind(
    group: "model.kubedl.io", version: "v1alpha1", plural: "modelversions", kind: "ModelVersion")

  /// Those that every cluster serves.
  package static let builtIn: [ResourceKind] = [
    pods, services, configMaps, serviceAccounts, events, namespaces, nodes, deployments,
    replicaSets, jobs, leases, customResourceDefinitions,
  ]
  /// Those that a CustomResourceDefinition has to bring.
  package static let custom: [ResourceKind] = [
    profilingExperiments, trials, inferences, modelVersions,
  ]
}
