/// What there is to choose from when several objectives count: the configurations that were
/// measured and that no other one is expected to beat in all of them.
package struct ParetoFront: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package let configuration: Configuration
    package let trialOrdinal: Int
    /// What the model expects of each objective, in their order, with its 90 % interval.
    package let expected: [Double]
    package let intervals: [Interval]

    package init(
      configuration: Configuration, trialOrdinal: Int, expected: [Double], intervals: [Interval]
    ) {
      self.configuration = configuration
      self.trialOrdinal = trialOrdinal
      self.expected = expected
      self.intervals = intervals
    }
  }

  package let objectives: [Objective]
  /// From the best to the worst by the first objective.
  package let members: [Member]
  /// With 90 % credibility, every other configuration has a member that it doesn't beat in any
  /// objective by more than this; nil where the evidence doesn't vouch for a bound.
  package let regretBound: Share?

  package init(objectives: [Objective], members: [Member], regretBound: Share?) {
    self.objectives = objectives
    self.members = members
    self.regretBound = regretBound
  }
}
