package import Tuning

/// One line of a journal: the facts from which an experiment is rebuilt.
package enum JournalEntry: Hashable, Sendable {
  case started(ordinal: Int, Configuration)
  case finished(ordinal: Int, Outcome, Duration)
  case concluded(StopReason)
  /// A sentence that a reader of the results should know.
  case noted(String)
}

extension Experiment {
  /// The experiment as a journal tells it, on top of `self`, which must not have any trials.
  ///
  /// A conclusion is not carried over: whether the search is over is decided anew, so that a
  /// larger limit lets it go on.
  /// - Throws: `JournalError` when an entry doesn't fit those before it.
  package func replaying(_ entries: [JournalEntry]) throws(JournalError) -> Experiment {
    var result = self
    for entry in entries {
      switch entry {
      case .started(let ordinal, let configuration):
        guard ordinal == result.nextOrdinal else {
          throw .outOfOrder(ordinal: ordinal, expected: result.nextOrdinal)
        }
        result = result.starting(ordinal, configuration)
      case .finished(let ordinal, let outcome, let duration):
        guard result.study.trials.contains(where: { $0.ordinal == ordinal }) else {
          throw .unknownTrial(ordinal: ordinal)
        }
        result = result.finishing(ordinal, outcome, after: duration)
      case .concluded, .noted: continue
      }
    }
    return result
  }
}

/// Why a journal can't be followed.
package enum JournalError: Error, Equatable, CustomStringConvertible {
  case outOfOrder(ordinal: Int, expected: Int)
  case unknownTrial(ordinal: Int)
  case malformed(line: Int, found: String, needed: String)

  package var description: String {
    switch self {
    case .outOfOrder(let ordinal, let expected):
      "trial \(ordinal) was started where trial \(expected) is expected; the journal was edited or "
        + "belongs to another run"
    case .unknownTrial(let ordinal):
      "trial \(ordinal) finished without having been started; the journal was edited or belongs to "
        + "another run"
    case .malformed(let line, let found, let needed):
      "line \(line): \(found); \(needed) is needed"
    }
  }
}
