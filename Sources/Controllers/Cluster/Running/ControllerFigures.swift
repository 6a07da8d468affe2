package import Kubernetes

/// How a run of controllers is doing, for metrics and for whoever asks after its health.
package struct ControllerFigures: Sendable {
  /// One key that is being reconciled.
  package struct Work: Hashable, Sendable {
    package let controller: String
    package let key: ObjectKey
    /// For how long.
    package let elapsed: Duration
  }

  /// How many keys wait for their turn.
  package let queueLength: Int
  package let work: [Work]
  package let followers: [FollowerFigures]

  /// Whether everything that is watched is known.
  package var hasSynced: Bool { followers.allSatisfy(\.isSettled) }
}

/// How the following of one kind is doing.
package struct FollowerFigures: Hashable, Sendable {
  package let kind: ResourceKind
  package let selection: Selection
  package let isServed: Bool
  /// Whether it is known what is there.
  package let isSettled: Bool
  package let counts: Informer.Counts
  /// How often the API server was asked whether it serves the kind.
  package let polls: Int

  /// Grows as long as the follower lives: the API server ends every watch after a while.
  package var pulse: Int { polls + counts.lists + counts.watches + counts.events + counts.failures }
}
