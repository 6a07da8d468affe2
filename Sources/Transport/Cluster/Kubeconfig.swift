import Foundation
package import Kubernetes

/// Kubeconfig files as kubectl merges them: of clusters, users and contexts with the same name, and
/// of current contexts, the first counts.
package struct Kubeconfig: Sendable {
  private typealias Failure = ClusterConfigurationError

  /// An entry with the file that it comes from: its paths are relative to that.
  private struct Entry {
    let file: String
    let name: String
    let content: JSONValue

    func path(_ text: String) -> String {
      text.hasPrefix("/") ? text : (file as NSString).deletingLastPathComponent + "/" + text
    }
    func place(_ field: String) -> String { "\(file): \(name): \(field)" }
  }

  private var clusters: [String: Entry] = [:]
  private var users: [String: Entry] = [:]
  private var contexts: [String: Entry] = [:]
  package private(set) var currentContext: String?
  private var files: [String] = []

  package init() {}

  /// Adds a file's content, read as YAML.
  package mutating func merge(_ json: JSONValue, file: String) {
    files.append(file)
    Self.merge(json["clusters"], "cluster", file, into: &clusters)
    Self.merge(json["users"], "user", file, into: &users)
    Self.merge(json["contexts"], "context", file, into: &contexts)
    if currentContext == nil, let name = json["current-context"]?.scalarText, !name.isEmpty {
      currentContext = name
    }
  }

  private static func merge(
    _ list: JSONValue?, _ member: String, _ file: String, into entries: inout [String: Entry]
  ) {
    for item in list?.array ?? [] {
      guard let name = item["name"]?.scalarText, entries[name] == nil else { continue }
      entries[name] = Entry(
        file: file, name: "\(member) \(name)", content: item[member] ?? [:])
    }
  }

  package var contextNames: [String] { contexts.keys.sorted() }

  /// What a context stands for; nil for the current one.
  package func configuration(
    context name: String? = nil
  ) throws(ClusterConfigurationError) -> ClusterConfiguration {
    guard let name = name ?? currentContext else {
      throw Failure(
        place: files.joined(separator: ":"), found: "no current-context was found",
        needed: "set one with `kubectl config use-context`")
    }
    guard let context = contexts[name] else {
      throw Failure(
        place: files.joined(separator: ":"), found: "no context \(name) was found",
        needed: "one of \(contextNames.joined(separator: ", ")) is needed")
    }
    let clusterName = context.content["cluster"]?.scalarText ?? ""
    guard let cluster = clusters[clusterName] else {
      throw missing("cluster", clusterName, in: context)
    }
    var result = try configuration(of: cluster)
    if let namespace = context.content["namespace"]?.scalarText, !namespace.isEmpty {
      result.namespace = namespace
    }
    let userName = context.content["user"]?.scalarText ?? ""
    if !userName.isEmpty {
      guard let user = users[userName] else { throw missing("user", userName, in: context) }
      try addUser(user, to: &result)
    }
    return result
  }

  private func missing(_ what: String, _ name: String, in context: Entry) -> Failure {
    Failure(
      place: context.place(what), found: "no \(what) \"\(name)\" was found",
      needed: "the name of one in the same files is needed")
  }
}

// MARK: - Clusters

extension Kubeconfig {
  private func configuration(
    of cluster: Entry
  ) throws(ClusterConfigurationError) -> ClusterConfiguration {
    let content = cluster.content
    let server = content["server"]?.scalarText ?? ""
    guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
      throw Failure(
        place: cluster.place("server"), found: "\"\(server)\" was found",
        needed: "a URL such as https://host:6443 is needed")
    }
    guard content["insecure-skip-tls-verify"] != .bool(true) else {
      throw Failure(
        place: cluster.place("insecure-skip-tls-verify"), found: "true was found",
        needed: "certificates are always verified: give certificate-authority-data instead")
    }
    var result = ClusterConfiguration(server: server)
    result.authority = try pem(cluster, "certificate-authority")
    result.tlsServerName = content["tls-server-name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    result.proxy = content["proxy-url"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    return result
  }

  /// Inline data counts before a file.
  private func pem(
    _ entry: Entry, _ field: String
  ) throws(ClusterConfigurationError) -> ClusterConfiguration.PEM? {
    if let text = entry.content[field + "-data"]?.scalarText, !text.isEmpty {
      guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
        throw Failure(
          place: entry.place(field + "-data"), found: "text that isn't base64 was found",
          needed: "a PEM file in base64 is needed")
      }
      return .text([UInt8](data))
    }
    guard let file = entry.content[field]?.scalarText, !file.isEmpty else { return nil }
    return .file(entry.path(file))
  }
}

// MARK: - Users

extension Kubeconfig {
  private func addUser(
    _ user: Entry, to result: inout ClusterConfiguration
  ) throws(ClusterConfigurationError) {
    let content = user.content
    let certificate = try pem(user, "client-certificate")
    let key = try pem(user, "client-key")
    switch (certificate, key) {
    case (nil, nil): break
    case (let certificate?, let key?):
      result.clientCertificate = .init(certificate: certificate, key: key)
    case (nil, _):
      throw Failure(
        place: user.place("client-certificate"), found: "only a key was found",
        needed: "a certificate for it is needed")
    case (_, nil):
      throw Failure(
        place: user.place("client-key"), found: "only a certificate was found",
        needed: "its key is needed")
    }
    if let file = content["tokenFile"]?.scalarText, !file.isEmpty {
      result.credential = .tokenFile(user.path(file))
    } else if let token = content["token"]?.scalarText, !token.isEmpty {
      result.credential = .token(token)
    } else if let name = content["username"]?.scalarText, !name.isEmpty {
      result.credential = .password(
        user: name, password: content["password"]?.scalarText ?? "")
    } else if let exec = content["exec"] {
      result.credential = .plugin(try plugin(exec, of: user, for: result))
    } else if content["auth-provider"] != nil {
      throw Failure(
        place: user.place("auth-provider"), found: "an authentication provider was found",
        needed: "these were removed from Kubernetes in 1.26: use an exec plugin instead")
    }
  }

  private func plugin(
    _ exec: JSONValue, of user: Entry, for cluster: ClusterConfiguration
  ) throws(ClusterConfigurationError) -> CredentialPlugin {
    let command = exec["command"]?.scalarText ?? ""
    guard !command.isEmpty else {
      throw Failure(
        place: user.place("exec.command"), found: "nothing was found",
        needed: "the program to run is needed")
    }
    let version = exec["apiVersion"]?.scalarText ?? ""
    guard CredentialPlugin.apiVersions.contains(version) else {
      throw Failure(
        place: user.place("exec.apiVersion"), found: "\"\(version)\" was found",
        needed: "one of \(CredentialPlugin.apiVersions.joined(separator: ", ")) is needed")
    }
    guard exec["interactiveMode"]?.scalarText != "Always" else {
      throw Failure(
        place: user.place("exec.interactiveMode"), found: "Always was found",
        needed: "a plugin that needs no terminal is needed: Never or IfAvailable")
    }
    let variables = (exec["env"]?.array ?? []).map {
      CredentialPlugin.Variable(
        name: $0["name"]?.scalarText ?? "", value: $0["value"]?.scalarText ?? "")
    }
    return CredentialPlugin(
      // As kubectl has it: only a path is relative to the file, a bare name is looked up.
      command: command.contains("/") ? user.path(command) : command,
      arguments: (exec["args"]?.array ?? []).compactMap(\.scalarText), environment: variables,
      apiVersion: version, installHint: exec["installHint"]?.scalarText,
      cluster: exec["provideClusterInfo"] == .bool(true)
        ? Self.description(of: cluster) : JSONValue?.none)
  }

  /// The cluster as a plugin is told of it.
  private static func description(of cluster: ClusterConfiguration) -> JSONValue {
    var result = JSONObject([("server", .string(cluster.server))])
    result["tls-server-name"] = cluster.tlsServerName.map(JSONValue.string)
    result["proxy-url"] = cluster.proxy.map(JSONValue.string)
    let authority: Data? =
      switch cluster.authority {
      case .text(let bytes): Data(bytes)
      case .file(let path): FileManager.default.contents(atPath: path)
      case nil: nil
      }
    result["certificate-authority-data"] = authority.map { .string($0.base64EncodedString()) }
    return .object(result)
  }
}
