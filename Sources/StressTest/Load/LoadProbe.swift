package import Tuning

/// One window of load that the search asks for.
package struct LoadProbe: Hashable, Sendable {
  package enum Purpose: String, Hashable, Sendable {
    /// A short window that only finds the order of magnitude.
    case approach
    /// A window long enough to judge by; it ends as soon as its verdict is certain.
    case judge
    /// A whole window at the rate that is reported.
    case confirm
  }

  package let rate: Rate
  package let duration: Duration
  /// The part of the duration, at its start, that fills the queue and doesn't count.
  package let leadIn: Duration
  package let purpose: Purpose
  /// The users of a closed loop, whose rate the candidate decides on.
  package var users: Int?

  package init(rate: Rate, duration: Duration, leadIn: Duration = .zero, purpose: Purpose) {
    self.rate = rate
    self.duration = duration
    self.leadIn = leadIn
    self.purpose = purpose
  }
}
