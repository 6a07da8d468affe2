package import Tuning

/// Where an experiment stands, with all that is to be said about it.
package enum ExperimentStage: Sendable {
  /// It can't be decoded; the problems name field, value and need.
  case invalid(Diagnostics)
  /// Nothing runs yet: what it waits for, as one word and as a sentence.
  case waiting(reason: String, message: String)
  case running
  case recommended(RecommendationStatus)
  case infeasible(NearestMiss)
  /// It can't go on.
  case failed(reason: String, message: String)

  package var phase: ExperimentPhase {
    switch self {
    case .invalid, .failed: .failed
    case .waiting: .pending
    case .running: .running
    case .recommended: .succeeded
    case .infeasible: .infeasible
    }
  }
}
