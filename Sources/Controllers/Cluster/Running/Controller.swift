package import Kubernetes

/// Keeps objects of one kind as they should be: whenever something changes that concerns one of
/// them, its key is reconciled.
///
/// What is watched only wakes it. Decisions are made on what the API server says at that moment,
/// so a missed or doubled event costs a little time and nothing else.
package struct Controller: Sendable {
  /// As it stands in logs and metrics: `experiment`.
  package let name: String
  package let sources: [WatchSource]
  /// Brings one object a step further; called for one key at a time.
  /// - Throws: what the API server throws; the key is tried again after a while that grows.
  package let reconcile: @Sendable (ObjectKey) async throws -> Requeue

  package init(
    name: String, sources: [WatchSource],
    reconcile: @escaping @Sendable (ObjectKey) async throws -> Requeue
  ) {
    self.name = name
    self.sources = sources
    self.reconcile = reconcile
  }
}

/// When a key is to be reconciled again though nothing has changed.
package enum Requeue: Hashable, Sendable {
  case never
  case after(Duration)
}

/// Objects whose changes wake a controller.
package struct WatchSource: Sendable {
  package let kind: ResourceKind
  /// In all namespaces; a daemon that is confined to some narrows it.
  package let selection: Selection
  /// Which keys a change of the object concerns.
  package let keys: @Sendable (KubernetesObject) -> [ObjectKey]
  /// Whether a change concerns every key of every controller.
  package let concernsEverything: Bool

  package init(
    _ kind: ResourceKind, _ selection: Selection = Selection(),
    keys: @escaping @Sendable (KubernetesObject) -> [ObjectKey]
  ) {
    self.kind = kind
    self.selection = selection
    self.keys = keys
    self.concernsEverything = false
  }

  private init(everythingAfter kind: ResourceKind, _ selection: Selection) {
    self.kind = kind
    self.selection = selection
    self.keys = { _ in [] }
    self.concernsEverything = true
  }

  /// Objects on whose changes everything is looked at again.
  package static func everything(
    after kind: ResourceKind, _ selection: Selection
  ) -> WatchSource {
    WatchSource(everythingAfter: kind, selection)
  }
}
