package import Tuning

/// Where trials run: local processes, a cluster, or a recorded table.
package struct TrialRunner: Sendable {
  /// So often a trial is run whose measurement can't be used.
  static let attemptsMax = 3

  /// Starts the configuration, tests it and takes it down again, whatever becomes of it.
  ///
  /// A candidate that can't sustain `rateToBeat` need not be measured to the end. Failures of the
  /// candidate are outcomes. It throws what no other trial could mend either, such as a missing
  /// executable, and `CancellationError` when it was told to stop.
  package var run:
    @Sendable (
      _ ordinal: Int, _ configuration: Configuration, _ rateToBeat: Rate?,
      _ progress: @escaping @Sendable (TrialProgress) -> Void
    ) async throws -> Outcome

  package init(
    run:
      @escaping @Sendable (
        _ ordinal: Int, _ configuration: Configuration, _ rateToBeat: Rate?,
        _ progress: @escaping @Sendable (TrialProgress) -> Void
      ) async throws -> Outcome
  ) {
    self.run = run
  }
}

/// How far a running trial has come.
package enum TrialProgress: Hashable, Sendable {
  case starting
  /// In words: what it waits for, or does.
  case waiting(String)
  case warmingUp
  /// Load of so many requests per second is being sent.
  case loading(Rate)
  /// A load has been held or not.
  case loaded(LoadStep)
}
