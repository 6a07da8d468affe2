/// Where an experiment stands, in a word.
package enum ExperimentPhase: String, Hashable, Sendable, CaseIterable {
  /// Not begun.
  case pending = "Pending"
  case running = "Running"
  /// It ended with a recommendation.
  case succeeded = "Succeeded"
  /// It ended, and no configuration meets the constraints.
  case infeasible = "Infeasible"
  /// It can't be run.
  case failed = "Failed"

  package var isOver: Bool { [.succeeded, .infeasible, .failed].contains(self) }
}

/// Where a trial stands, in a word.
package enum TrialPhase: String, Hashable, Sendable, CaseIterable {
  /// Nothing runs yet.
  case pending = "Pending"
  /// Its candidate starts, or is under load.
  case running = "Running"
  case succeeded = "Succeeded"
  case infeasible = "Infeasible"
}
