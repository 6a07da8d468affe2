package import Tuning

/// How the rate of a load goes over time: stretches, in each of which it stays or changes evenly.
package struct LoadShape: Hashable, Sendable {
  package struct Stretch: Hashable, Sendable {
    package let from: Rate
    package let to: Rate
    package let duration: Duration

    package init(from: Rate, to: Rate, duration: Duration) {
      self.from = from
      self.to = to
      self.duration = duration
    }

    package var expected: Double { (from.perSecond + to.perSecond) / 2 * duration.seconds }

    /// When so many requests are expected to have been due, in seconds after the stretch's start:
    /// t of a t + (b − a) t² / 2d = n, in the form that doesn't cancel.
    func time(ofExpected count: Double) -> Double {
      let (a, b, d) = (from.perSecond, to.perSecond, duration.seconds)
      let root = max(a * a + 2 * (b - a) / d * count, 0).squareRoot()
      return a + root > 0 ? min(2 * count / (a + root), d) : 0
    }
  }

  package let stretches: [Stretch]

  package init(_ stretches: [Stretch]) { self.stretches = stretches }

  /// One constant rate after another, each for the same time.
  package static func steps(_ rates: [Rate], each duration: Duration) -> LoadShape {
    LoadShape(rates.map { Stretch(from: $0, to: $0, duration: duration) })
  }

  package var duration: Duration { stretches.reduce(.zero) { $0 + $1.duration } }

  /// How many requests are due altogether.
  package var expected: Double { stretches.reduce(0) { $0 + $1.expected } }

  /// When so many requests are expected to have been due, in seconds after the start.
  func time(ofExpected count: Double) -> Double {
    var left = count
    var start = 0.0
    for stretch in stretches {
      if left <= stretch.expected { return start + stretch.time(ofExpected: left) }
      left -= stretch.expected
      start += stretch.duration.seconds
    }
    return start
  }

  /// The parts that are judged by themselves, as seconds after the start: each constant stretch,
  /// and tenths of those that change.
  package var parts: [Range<Double>] {
    var start = 0.0
    return stretches.flatMap { stretch -> [Range<Double>] in
      let length = stretch.duration.seconds
      defer { start += length }
      let count = stretch.from == stretch.to ? 1 : Self.partsOfChange
      return (0..<count).map { part in
        start + length * Double(part) / Double(count)..<start + length * Double(part + 1)
          / Double(count)
      }
    }
  }

  private static let partsOfChange = 10
}
