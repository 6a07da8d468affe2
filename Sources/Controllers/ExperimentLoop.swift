import BayesianOptimization
package import Tuning

/// The loop that performs an experiment's actions until it concludes: every decision is made by
/// `Experiment.actions()`, every effect goes through a closure.
package struct ExperimentLoop<C: Clock<Duration>>: Sendable {
  package let runner: TrialRunner
  /// Writes an event down for good; the loop goes on only when it has returned.
  package let record: @Sendable (JournalEntry) throws -> Void
  /// Shows an event to whoever watches.
  package let observe: @Sendable (ExperimentEvent) -> Void
  package let clock: C

  package init(
    runner: TrialRunner, record: @escaping @Sendable (JournalEntry) throws -> Void,
    observe: @escaping @Sendable (ExperimentEvent) -> Void, clock: C
  ) {
    self.runner = runner
    self.record = record
    self.observe = observe
    self.clock = clock
  }

  /// Runs the experiment to its end.
  ///
  /// Trials that were pending in `start`, because an earlier run was interrupted, are run again
  /// first, with the configurations they had: so an interrupted search goes on as it would have.
  /// - Throws: what the runner or the journal throws; `CancellationError` when interrupted.
  package func run(_ start: Experiment) async throws -> (experiment: Experiment, StopReason) {
    var experiment = start
    return try await withThrowingTaskGroup(of: Finished.self) { group in
      for trial in experiment.study.trials where trial.isPending {
        add(trial.ordinal, trial.configuration, of: experiment, to: &group)
      }
      while true {
        try Task.checkCancellation()
        for action in experiment.actions() {
          switch action {
          case .conclude(let reason):
            try record(.concluded(reason))
            observe(.concluded(reason))
            return (experiment, reason)
          case .start(let ordinal, let configuration):
            try record(.started(ordinal: ordinal, configuration))
            experiment = experiment.starting(ordinal, configuration)
            add(ordinal, configuration, of: experiment, to: &group)
          }
        }
        guard let finished = try await group.next() else { continue }
        try record(
          .finished(ordinal: finished.ordinal, finished.outcome, finished.duration))
        experiment = experiment.finishing(
          finished.ordinal, finished.outcome, after: finished.duration)
        observe(.trialFinished(ordinal: finished.ordinal, experiment.study))
      }
    }
  }

  private struct Finished: Sendable {
    let ordinal: Int
    let outcome: Outcome
    let duration: Duration
  }

  private func add(
    _ ordinal: Int, _ configuration: Configuration, of experiment: Experiment,
    to group: inout ThrowingTaskGroup<Finished, any Error>
  ) {
    observe(.trialStarted(ordinal: ordinal, configuration))
    let rateToBeat = experiment.study.rateToBeat(with: configuration)
    group.addTask {
      let began = clock.now
      var outcome = Outcome.pending
      for _ in 0..<TrialRunner.attemptsMax where outcome == .pending || !outcome.isUsable {
        outcome = try await runner.run(ordinal, configuration, rateToBeat) { progress in
          observe(.trialProgressed(ordinal: ordinal, progress))
        }
      }
      return Finished(
        ordinal: ordinal, outcome: outcome, duration: began.duration(to: clock.now))
    }
  }
}

/// What happens in an experiment, for whoever watches.
package enum ExperimentEvent: Sendable {
  case trialStarted(ordinal: Int, Configuration)
  case trialProgressed(ordinal: Int, TrialProgress)
  /// The study with the trial's outcome in it.
  case trialFinished(ordinal: Int, Study)
  case concluded(StopReason)
}
