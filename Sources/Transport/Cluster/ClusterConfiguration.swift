/// Where an API server is, how to know that it is the right one, and who we are to it.
package struct ClusterConfiguration: Hashable, Sendable {
  /// PEM text, inline or in a file that may change.
  package enum PEM: Hashable, Sendable {
    case text([UInt8])
    case file(String)
  }

  package struct ClientCertificate: Hashable, Sendable {
    package let certificate: PEM
    package let key: PEM

    package init(certificate: PEM, key: PEM) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// What the `Authorization` header is made of.
  package enum Credential: Hashable, Sendable {
    case none
    case token(String)
    /// Read anew for every request: the kubelet rotates a service account's.
    case tokenFile(String)
    case password(user: String, password: String)
    case plugin(CredentialPlugin)
  }

  /// `https://host:port`, with a path where a proxy wants it.
  package var server: String
  /// Who vouches for the server; nil for the system's authorities.
  package var authority: PEM?
  /// The name in the server's certificate, where it isn't the one in `server`.
  package var tlsServerName: String?
  /// Nil for what the environment says (`HTTPS_PROXY`, `NO_PROXY`).
  package var proxy: String?
  package var clientCertificate: ClientCertificate?
  package var credential: Credential
  /// Where objects are meant to be if nothing else is said.
  package var namespace: String

  package init(
    server: String, authority: PEM? = nil, tlsServerName: String? = nil, proxy: String? = nil,
    clientCertificate: ClientCertificate? = nil, credential: Credential = .none,
    namespace: String = "default"
  ) {
    self.server = server
    self.authority = authority
    self.tlsServerName = tlsServerName
    self.proxy = proxy
    self.clientCertificate = clientCertificate
    self.credential = credential
    self.namespace = namespace
  }
}

/// A configuration that can't be used.
package struct ClusterConfigurationError: Error, Hashable, CustomStringConvertible {
  /// The file and field.
  package let place: String
  package let found: String
  package let needed: String

  package var description: String { "\(place): \(found); \(needed)" }
}
