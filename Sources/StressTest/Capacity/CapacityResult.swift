package import Tuning

/// What a search for the greatest sustained rate found.
package enum CapacityResult: Hashable, Sendable {
  case found(Capacity)
  /// Even the greatest rate that may be offered held: the capacity is that or more.
  case atLeast(Rate)
  /// The rate that the candidate had to beat failed: the capacity lies below. Censored.
  case below(Rate)
  /// The one load that was asked for held.
  case carried(Rate)
  /// The generator was the bottleneck at any load, the least of which was this: nothing is known of
  /// the candidate.
  case generatorBound(Rate)
  /// Not even the lowest load held, or the one that was asked for didn't.
  case nothingHolds(lowest: LoadStep)
}

/// The greatest rate at which all bounds hold, and how well it is known.
package struct Capacity: Hashable, Sendable {
  /// The estimate from all windows near the edge.
  package let rate: Rate
  /// The central 90 % interval of the rate, in requests per second.
  package let interval: Interval
  /// The greatest rate of a window that held, not above the estimate but for the tolerance: the
  /// load that the reported numbers belong to.
  package let greatestHeld: Rate
  /// The least above it that didn't hold; nil where nothing above it was tried before time ran out.
  package let leastFailed: Rate?
  /// Whether more than one window was near the edge.
  package let isConfirmed: Bool

  package init(
    rate: Rate, interval: Interval, greatestHeld: Rate, leastFailed: Rate?, isConfirmed: Bool
  ) {
    self.rate = rate
    self.interval = interval
    self.greatestHeld = greatestHeld
    self.leastFailed = leastFailed
    self.isConfirmed = isConfirmed
  }
}
