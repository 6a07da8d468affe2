import Foundation
package import Kubernetes

/// Who we are to the API server, at the time of each request.
package actor CredentialSource {
  /// What goes with a request.
  package struct Proof: Hashable, Sendable {
    /// The value of the `Authorization` header.
    package var authorization: String?
    package var clientCertificate: ClusterConfiguration.ClientCertificate?
  }

  /// Credentials that end so soon are renewed first.
  private static let margin: Duration = .seconds(10)

  private let configuration: ClusterConfiguration
  private let now: @Sendable () -> Timestamp
  private var lastToken: String?
  private var answer: CredentialPlugin.Answer?
  /// Several requests wait for one run of the plugin.
  private var run: Task<CredentialPlugin.Answer, any Error>?

  package init(_ configuration: ClusterConfiguration, now: @escaping @Sendable () -> Timestamp) {
    self.configuration = configuration
    self.now = now
  }

  /// Whether after a 401 other credentials can be had.
  nonisolated var isRenewable: Bool {
    switch configuration.credential {
    case .tokenFile, .plugin: true
    case .none, .token, .password: false
    }
  }

  package func proof() async throws -> Proof {
    var proof = Proof(clientCertificate: configuration.clientCertificate)
    switch configuration.credential {
    case .none: break
    case .token(let token): proof.authorization = "Bearer \(token)"
    case .tokenFile(let path): proof.authorization = "Bearer \(try token(in: path))"
    case .password(let user, let password):
      let text = Data("\(user):\(password)".utf8).base64EncodedString()
      proof.authorization = "Basic \(text)"
    case .plugin(let plugin):
      let answer = try await answer(of: plugin)
      proof.authorization = answer.token.map { "Bearer \($0)" }
      proof.clientCertificate = answer.clientCertificate ?? proof.clientCertificate
    }
    return proof
  }

  /// The server didn't take the proof: another one is needed next time.
  func refuse(_ proof: Proof) async {
    guard let answer, proof.authorization == answer.token.map({ "Bearer \($0)" }) else { return }
    self.answer = nil
  }

  /// While the kubelet exchanges the file there may be none for a moment.
  private func token(in path: String) throws(ClusterConfigurationError) -> String {
    let text = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    if let text, !text.isEmpty { lastToken = text }
    guard let lastToken else {
      throw ClusterConfigurationError(
        place: path, found: "no token was found", needed: "a file with a bearer token is needed")
    }
    return lastToken
  }

  private func answer(
    of plugin: CredentialPlugin
  ) async throws -> CredentialPlugin.Answer {
    if let answer, answer.expiration.map({ now() + Self.margin < $0 }) ?? true { return answer }
    if let run { return try await run.value }
    let task = Task { () async throws -> CredentialPlugin.Answer in try await plugin.run() }
    run = task
    defer { run = nil }
    let fresh = try await task.value
    answer = fresh
    return fresh
  }
}
