/// Files in PEM that decide whom a secure connection trusts, and who its client is.
package struct SecureFiles: Hashable, Sendable {
  /// Certificates of the authorities that may vouch for the server; nil for those of the system.
  package var authorities: String?
  /// The client's certificate, where the server asks for one.
  package var certificate: String?
  /// Its key; nil where it is in the same file.
  package var key: String?

  package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }
}
