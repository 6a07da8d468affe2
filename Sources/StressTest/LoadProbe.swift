package import Tuning

/// One window of load that the search asks for.
package struct LoadProbe: Hashable, Sendable {
  package enum Purpose: String, Hashable, Sendable {
    /// A short window that only finds the order of magnitude.
    case approach
    /// A window long enough to judge by.
    case judge
    /// A second window at a rate that held once.
    case confirm
  }

  package let rate: Rate
  package let duration: Duration
  package let purpose: Purpose
  /// The users of a closed loop, whose rate the candidate decides on.
  package var users: Int?

  package init(rate: Rate, duration: Duration, purpose: Purpose) {
    self.rate = rate
    self.duration = duration
    self.purpose = purpose
  }
}
