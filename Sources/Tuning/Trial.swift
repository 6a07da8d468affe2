/// One configuration and its outcome. Trial 0 is the baseline.
package struct Trial: Hashable, Sendable {
  package let ordinal: Int
  package let configuration: Configuration
  package var outcome: Outcome
  /// How long it took, from start to end; nil while it is pending.
  package var duration: Duration?

  package init(
    ordinal: Int, configuration: Configuration, outcome: Outcome = .pending,
    duration: Duration? = nil
  ) {
    self.ordinal = ordinal
    self.configuration = configuration
    self.outcome = outcome
    self.duration = duration
  }

  package var isPending: Bool { outcome == .pending }

  package var measurement: Measurement? {
    if case .measured(let measurement) = outcome { measurement } else { nil }
  }
}
