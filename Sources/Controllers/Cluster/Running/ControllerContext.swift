package import Kubernetes

/// What a controller has of the world.
package struct ControllerContext: Sendable {
  package let client: Client
  /// Where the daemon's ConfigMap is.
  package let namespace: String
  /// Civil time.
  package let now: @Sendable () -> Timestamp
  /// Told of everything that is decided.
  package let notify: @Sendable (Notice) async -> Void

  package init(
    client: Client, namespace: String, now: @escaping @Sendable () -> Timestamp,
    notify: @escaping @Sendable (Notice) async -> Void
  ) {
    self.client = client
    self.namespace = namespace
    self.now = now
    self.notify = notify
  }
}
