/// The root of an HTTP server, such as `http://prometheus.monitoring:9090`: what paths are appended to.
package struct ServerRoot: Hashable, Sendable, CustomStringConvertible {
  /// Without a slash at its end.
  package let description: String

  /// Nil for anything but `http://` or `https://`, a host, and perhaps a port and a path.
  package init?(_ text: String) {
    let schemes = ["http://", "https://"]
    guard let scheme = schemes.first(where: text.hasPrefix) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let isPlain = rest.utf8.allSatisfy {
      (0x21...0x7E).contains($0) && !"?#@\"\\".utf8.contains($0)
    }
    guard isPlain, let first = rest.first, first != "/", first != ":" else { return nil }
    var root = text[...]
    while root.hasSuffix("/") { root.removeLast() }
    description = String(root)
  }
}
