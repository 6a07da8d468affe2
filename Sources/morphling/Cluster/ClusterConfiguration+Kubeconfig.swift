import CustomResources
import Kubernetes
import Transport

extension ClusterConfiguration {
  /// As `found`, with YAML read by the reader that reads manifests.
  /// - Throws: `ClusterConfigurationError`; `Diagnostics` for a kubeconfig that is no YAML.
  static func found(kubeconfig: String?, context: String?) throws -> ClusterConfiguration {
    try found(kubeconfig: kubeconfig, context: context) { text, file in
      let manifest = Manifest(text, file: file)
      guard !manifest.diagnostics.hasErrors else { throw manifest.diagnostics }
      return manifest.documents.first?.value ?? .null
    }
  }
}
