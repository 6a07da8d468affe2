import Foundation
package import Kubernetes

extension ClusterConfiguration {
  /// Reads YAML; `Transport` leaves the choice of a parser to the program.
  package typealias YAMLParser = (_ text: String, _ file: String) throws -> JSONValue

  /// The cluster that is meant: a kubeconfig's (given, of `KUBECONFIG`, or of the home folder),
  /// else the one that this pod runs in.
  package static func found(
    kubeconfig: String? = nil, context: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    parse: YAMLParser
  ) throws -> ClusterConfiguration {
    let named = kubeconfig ?? environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    let home = environment["HOME"].map { $0 + "/.kube/config" }
    let files =
      named?.split(separator: ":").map(String.init)
      ?? [home].compactMap(\.self).filter(FileManager.default.fileExists)
    if files.isEmpty, context == nil, let inside = try inCluster(environment: environment) {
      return inside
    }
    guard !files.isEmpty else {
      throw ClusterConfigurationError(
        place: "cluster",
        found: "neither KUBECONFIG, ~/.kube/config nor a service account was found",
        needed: "set KUBECONFIG to the kubeconfig of the cluster that is meant")
    }
    return try read(files, parse: parse).configuration(context: context)
  }

  /// Of several files some may be missing, but not all.
  private static func read(_ files: [String], parse: YAMLParser) throws -> Kubeconfig {
    var config = Kubeconfig()
    var isEmpty = true
    for file in files {
      guard let data = FileManager.default.contents(atPath: file) else { continue }
      config.merge(try parse(String(decoding: data, as: UTF8.self), file), file: file)
      isEmpty = false
    }
    guard !isEmpty else {
      throw ClusterConfigurationError(
        place: files.joined(separator: ":"), found: "no such file was found",
        needed: "a kubeconfig is needed: see KUBECONFIG")
    }
    return config
  }

  /// The folder into which the kubelet puts a service account.
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The cluster that this pod runs in; nil where it runs in none.
  package static func inCluster(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    folder: String = serviceAccountFolder
  ) throws(ClusterConfigurationError) -> ClusterConfiguration? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
    else { return nil }
    let files = FileManager.default
    for file in ["token", "ca.crt"] where !files.isReadableFile(atPath: "\(folder)/\(file)") {
      throw ClusterConfigurationError(
        place: "\(folder)/\(file)", found: "nothing readable was found",
        needed: "a pod with automountServiceAccountToken: true is needed")
    }
    let namespace = files.contents(atPath: folder + "/namespace").map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return ClusterConfiguration(
      server: "https://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)",
      authority: .file(folder + "/ca.crt"), credential: .tokenFile(folder + "/token"),
      namespace: namespace ?? "default")
  }
}
