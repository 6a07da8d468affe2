/// The configuration to run in production, with the evidence for it.
package struct Recommendation: Hashable, Sendable {
  package let configuration: Configuration
  /// The trial that measured it; nil when only the model has seen it.
  package let trialOrdinal: Int?
  /// What the model expects of each metric and, under `objective`, of the objective.
  package let expected: [Metric: Double]
  /// 90 % intervals of the same.
  package let intervals: [Metric: Interval]
  /// With 90 % credibility, no other configuration is better by more than this; nil where the
  /// evidence doesn't vouch for a bound.
  package let regretBound: Share?
  /// One sentence: why this one, or what the reader should know about it.
  package let reason: String
  /// What else there is to choose from; nil with one objective.
  package let front: ParetoFront?

  package init(
    configuration: Configuration, trialOrdinal: Int?, expected: [Metric: Double],
    intervals: [Metric: Interval], regretBound: Share?, reason: String, front: ParetoFront? = nil
  ) {
    self.configuration = configuration
    self.trialOrdinal = trialOrdinal
    self.expected = expected
    self.intervals = intervals
    self.regretBound = regretBound
    self.reason = reason
    self.front = front
  }
}

extension Metric {
  /// The objective's own value, beside the metrics that it is made of.
  package static let objective: Metric = "objective"
}

/// What a search ends with.
package enum Conclusion: Hashable, Sendable {
  case recommended(Recommendation)
  /// Nothing that was tried meets every constraint.
  case nothingFeasible(NearestMiss)
}

/// How close the search came when nothing was feasible.
package struct NearestMiss: Hashable, Sendable {
  /// The trial that came closest; nil when none could be measured at all.
  package let trialOrdinal: Int?
  package let configuration: Configuration?
  /// One sentence for each bound that would have to be relaxed, and by how much.
  package let toRelax: [String]

  package init(trialOrdinal: Int?, configuration: Configuration?, toRelax: [String]) {
    self.trialOrdinal = trialOrdinal
    self.configuration = configuration
    self.toRelax = toRelax
  }
}

/// How much of the space was looked at.
package struct Sampling: Hashable, Sendable {
  /// Configurations started or measured, failures and the baseline included.
  package let visited: Int
  /// Configurations ruled out without a trial, since a failure shows that they can't run.
  package let pruned: Int
  package let total: Int

  package init(visited: Int, pruned: Int, total: Int) {
    self.visited = visited
    self.pruned = pruned
    self.total = total
  }

  package var share: Share { Share(visited, of: total) }
}

/// Why a search ended.
package enum StopReason: String, Hashable, Sendable, Codable {
  case certainEnough = "no configuration is likely to be better by more than the tolerance"
  case tooCloseToTell =
    "what may be better by more than the tolerance is too near a limit to tell by a few more trials"
  case trialLimit = "the limit of trials was reached"
  case spaceExhausted = "every configuration that can run was tried"
}
