import BayesianOptimization
package import Tuning

/// An experiment as observed: its study, the baseline to begin with, and how many trials may run
/// at a time. What to do next is a function of it.
package struct Experiment: Sendable {
  package var study: Study
  /// The configuration found in the container spec; nil where there is no container.
  package let baseline: Configuration?
  /// Trials side by side, at least 1.
  package let parallelism: Int
  /// The greatest ordinal that was given away, where trials that are no longer part of the study
  /// have it.
  package let lastOrdinal: Int?
  /// Finished searches of the same service before it changed, the latest first.
  package let earlier: [Study]
  /// Finished searches of other services.
  package let neighbours: [Study]

  package init(
    study: Study, baseline: Configuration?, parallelism: Int, lastOrdinal: Int? = nil,
    earlier: [Study] = [], neighbours: [Study] = []
  ) {
    precondition(parallelism >= 1)
    self.study = study
    self.baseline = baseline
    self.parallelism = parallelism
    self.lastOrdinal = lastOrdinal
    self.earlier = earlier
    self.neighbours = neighbours
  }

  /// One decided effect.
  package enum Action: Hashable, Sendable {
    /// Start a trial of this configuration.
    case start(ordinal: Int, Configuration)
    /// The search is over.
    case conclude(StopReason)
  }

  /// What to do now. Nothing while every slot is taken, or while the last trials of a search that
  /// is over still run.
  package func actions() -> [Action] {
    let running = study.trials.filter(\.isPending).count
    guard running < parallelism else { return [] }
    if let baseline, study.trials.isEmpty, lastOrdinal == nil {
      return [.start(ordinal: 0, baseline)]
    }
    let model = StudyModel(informedStudy)
    if let reason = model.stopReason() { return running == 0 ? [.conclude(reason)] : [] }
    let places = min(parallelism - running, study.limits.trialsMax - study.trials.count)
    let known = Array(bestBefore.prefix(max(places, 0)))
    let proposals =
      known.isEmpty ? (places > 0 ? model.proposals(places) : []) : known
    if proposals.isEmpty {
      return running == 0 ? [.conclude(.spaceExhausted)] : []
    }
    return proposals.enumerated().map { offset, configuration in
      .start(ordinal: nextOrdinal + offset, configuration)
    }
  }

  /// The study with what other searches teach of its space: by itself where there were none.
  package var informedStudy: Study {
    var result = study
    result.earlier += (earlier + neighbours).compactMap {
      EarlierService(name: $0.name, trials: $0.trials, over: study.space)
    }
    return result
  }

  /// What was best in earlier searches and wasn't tried in this one: it is tried before anything
  /// else, since a service rarely changes altogether.
  private var bestBefore: [Configuration] {
    var visited = study.visitedCells
    return earlier.prefix(Self.earlierMax).compactMap(\.incumbent?.configuration)
      .filter { configuration in
        study.space.index(of: configuration).map { visited.insert($0).inserted } ?? false
      }
  }

  /// Of so many earlier searches the best is tried.
  private static let earlierMax = 2

  /// Trial 0 is the baseline and no other: without one, trials are numbered from 1.
  package var nextOrdinal: Int {
    let last = [study.trials.last?.ordinal, lastOrdinal].compactMap(\.self).max()
    return last.map { $0 + 1 } ?? (baseline == nil ? 1 : 0)
  }

  /// The experiment once a trial was started.
  package func starting(_ ordinal: Int, _ configuration: Configuration) -> Experiment {
    var result = self
    result.study.trials.append(Trial(ordinal: ordinal, configuration: configuration))
    return result
  }

  /// The experiment once a trial has ended.
  package func finishing(_ ordinal: Int, _ outcome: Outcome, after duration: Duration)
    -> Experiment
  {
    var result = self
    for index in result.study.trials.indices where result.study.trials[index].ordinal == ordinal {
      result.study.trials[index].outcome = outcome
      result.study.trials[index].duration = duration
    }
    return result
  }
}
