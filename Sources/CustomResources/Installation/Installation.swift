package import Kubernetes

/// The objects that bring the daemon into a cluster.
package struct Installation: Hashable, Sendable {
  /// What to print: a part of the installation.
  package enum Part: String, Hashable, Sendable, CaseIterable {
    case crds
    /// KubeDL's Inference and the right to serve it, for clusters without KubeDL; no part of
    /// `all`.
    case inferenceCRD = "inference-crd"
    case rbac, config, daemon, all
  }

  package let namespace: String
  package let image: String
  package let serverVersion: ServerVersion

  package init(
    namespace: String = Installation.namespaceDefault, image: String,
    serverVersion: ServerVersion = .oldest
  ) {
    self.namespace = namespace
    self.image = image
    self.serverVersion = serverVersion
  }

  package static let namespaceDefault = "morphling-system"
  /// The name of the daemon's Deployment, account, Lease and roles.
  package static let name = "morphling"

  package func objects(_ part: Part) -> [JSONValue] {
    switch part {
    case .crds: CustomResourceDefinitions.all(serverVersion: serverVersion)
    case .inferenceCRD:
      [CustomResourceDefinitions.inference()] + RoleManifests(namespace: namespace).servingObjects
    case .rbac: [namespaceObject] + RoleManifests(namespace: namespace).objects
    case .config: [MorphlingConfiguration.configMap(namespace: namespace, image: image)]
    case .daemon: DaemonManifest(namespace: namespace, image: image).objects
    case .all: [.crds, .rbac, .config, .daemon].flatMap(objects)
    }
  }

  /// The objects as YAML.
  package func text(_ part: Part) -> String { YAMLText.encode(objects(part)) }

  /// The daemon meets the strictest of Kubernetes' pod security standards.
  private var namespaceObject: JSONValue {
    [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": .string(namespace),
        "labels": [
          "app.kubernetes.io/part-of": "morphling",
          "pod-security.kubernetes.io/enforce": "restricted",
        ],
      ],
    ]
  }
}
