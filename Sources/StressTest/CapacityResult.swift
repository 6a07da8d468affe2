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
  /// Not even the lowest load held, or the one that was asked for didn't.
  case nothingHolds(lowest: LoadStep)

  package var isCensored: Bool {
    switch self {
    case .atLeast, .below: true
    case .found, .carried, .nothingHolds: false
    }
  }
}

/// The greatest rate that held, and how well it is known.
package struct Capacity: Hashable, Sendable {
  /// The estimate from all steps near the edge; within the bracket.
  package let rate: Rate
  package let greatestHeld: Rate
  /// Nil where nothing above `greatestHeld` was tried before time ran out.
  package let leastFailed: Rate?
  /// Whether `greatestHeld` held in two windows, or lies below a rate that held in one.
  package let isConfirmed: Bool

  package var interval: Interval {
    Interval(lower: greatestHeld.perSecond, upper: leastFailed?.perSecond ?? .infinity)
  }

  package init(rate: Rate, greatestHeld: Rate, leastFailed: Rate?, isConfirmed: Bool) {
    self.rate = rate
    self.greatestHeld = greatestHeld
    self.leastFailed = leastFailed
    self.isConfirmed = isConfirmed
  }
}
