import Foundation
package import Kubernetes

/// A program that prints credentials (`client.authentication.k8s.io`).
package struct CredentialPlugin: Hashable, Sendable {
  package struct Variable: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package static let apiVersions = [
    "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
  ]

  /// A path, or a name to be looked up in `PATH`.
  package let command: String
  package let arguments: [String]
  package let environment: [Variable]
  package let apiVersion: String
  /// What to tell who hasn't got the program.
  package let installHint: String?
  /// What the program is told of the cluster; nil for nothing.
  package let cluster: JSONValue?
  /// A program that takes longer is given up.
  package let timeLimit: Duration

  package init(
    command: String, arguments: [String] = [], environment: [Variable] = [],
    apiVersion: String = apiVersions[0], installHint: String? = nil, cluster: JSONValue? = nil,
    timeLimit: Duration = .seconds(60)
  ) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.apiVersion = apiVersion
    self.installHint = installHint
    self.cluster = cluster
    self.timeLimit = timeLimit
  }

  /// What such a program prints.
  struct Answer: Hashable, Sendable {
    let token: String?
    let clientCertificate: ClusterConfiguration.ClientCertificate?
    /// Nil for as long as the server accepts them.
    let expiration: Timestamp?
  }

  /// Runs the program, which may take a while.
  func run() async throws(ClusterConfigurationError) -> Answer {
    let output: (status: Int32?, text: [UInt8])
    do {
      output = try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try runBlocking() }) }.start()
      }
    } catch {
      throw failure("it could not be started: \(error)")
    }
    switch output.status {
    case nil:
      throw failure(
        "it didn't end within \(timeLimit.formatted(.units(allowed: [.seconds, .milliseconds])))",
        "a plugin that asks nothing is needed: it has no terminal here")
    case 0: return try answer(output.text)
    case 127: throw failure("there is no such program", installHint)
    case let status?: throw failure("it ended with status \(status)", "see what it wrote")
    }
  }

  /// The status is nil where it took too long, or was killed.
  private func runBlocking() throws -> (Int32?, [UInt8]) {
    var variables = ProcessInfo.processInfo.environment
    for variable in environment { variables[variable.name] = variable.value }
    variables["KUBERNETES_EXEC_INFO"] = JSONText.encode(request)
    let process = try ChildProcess([command] + arguments, environment: variables, output: .pipe)
    let end = ContinuousClock.now + timeLimit
    let text = process.output(until: end)
    let ending = process.ending(until: end)
    process.kill()
    return (ending?.code, text)
  }

  private var request: JSONValue {
    var spec = JSONObject([("interactive", false)])
    spec["cluster"] = cluster
    return [
      "apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": .object(spec),
    ]
  }

  private func answer(_ text: [UInt8]) throws(ClusterConfigurationError) -> Answer {
    guard let json = try? JSONReader.decode(text), json["kind"]?.string == "ExecCredential",
      json["apiVersion"]?.string == apiVersion
    else { throw failure("it printed no ExecCredential of \(apiVersion)") }
    let status = json["status"]
    let certificate = status?["clientCertificateData"]?.string
    let key = status?["clientKeyData"]?.string
    let token = status?["token"]?.string
    var pair: ClusterConfiguration.ClientCertificate?
    if let certificate, let key {
      pair = .init(certificate: .text(Array(certificate.utf8)), key: .text(Array(key.utf8)))
    }
    guard token != nil || pair != nil else {
      throw failure("it printed neither a token nor a certificate with its key")
    }
    return Answer(
      token: token, clientCertificate: pair,
      expiration: status?["expirationTimestamp"]?.string.flatMap(Timestamp.init))
  }

  private func failure(_ found: String, _ needed: String? = nil) -> ClusterConfigurationError {
    ClusterConfigurationError(
      place: "credential plugin \(command)", found: found,
      needed: needed ?? "a working plugin is needed: see users.exec in the kubeconfig")
  }
}
