/// A rate of requests, in requests per second.
package struct Rate: Hashable, Comparable, Sendable {
  package let perSecond: Double
  package init(perSecond: Double) { self.perSecond = perSecond }
  package static let zero = Rate(perSecond: 0)
  package static func < (left: Rate, right: Rate) -> Bool { left.perSecond < right.perSecond }
  package static func * (rate: Rate, factor: Double) -> Rate {
    Rate(perSecond: rate.perSecond * factor)
  }
}

/// A number of bytes.
package struct ByteCount: Hashable, Comparable, Sendable {
  package let bytes: Int64
  package init(_ bytes: Int64) { self.bytes = bytes }
  /// In GiB (2³⁰ bytes), the unit of every metric whose name ends in `_gib`.
  package var gibibytes: Double { Double(bytes) / 1_073_741_824 }
  package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}

/// A rate at which bytes are moved, in bytes per second.
package struct ByteRate: Hashable, Comparable, Sendable {
  package let perSecond: Double
  package init(perSecond: Double) { self.perSecond = perSecond }
  package static func < (left: ByteRate, right: ByteRate) -> Bool {
    left.perSecond < right.perSecond
  }
}

/// A part of a whole, from 0 to 1.
package struct Share: Hashable, Comparable, Sendable {
  package let fraction: Double
  /// Nil outside 0…1.
  package init?(_ fraction: Double) {
    guard (0...1).contains(fraction) else { return nil }
    self.fraction = fraction
  }
  /// `part` of `whole`; nothing of nothing is nothing.
  package init(_ part: Int, of whole: Int) {
    self.fraction = whole == 0 ? 0 : min(max(Double(part) / Double(whole), 0), 1)
  }
  package static func < (left: Share, right: Share) -> Bool { left.fraction < right.fraction }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
  /// The duration in milliseconds, the unit of every metric whose name ends in `_ms`.
  package var milliseconds: Double { seconds * 1_000 }
}

/// A value with the ends of its 90 % interval.
package struct Interval: Hashable, Sendable, Codable {
  package var lower: Double
  package var upper: Double
  package init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}
