package import Tuning

/// Durations as people write them: `250us`, `100ms`, `2s`, `1.5m`, `1h`.
package enum DurationText {
  private static let nanoseconds: [(unit: String, count: Double)] = [
    ("h", 3_600e9), ("m", 60e9), ("s", 1e9), ("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("ns", 1),
  ]

  /// Nil where the text is no duration. A bare number counts in `unit`; nil refuses it.
  package static func duration(_ text: String, bare unit: Duration?) -> Duration? {
    let digits = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
    guard let number = Double(digits), number.isFinite else { return nil }
    let suffix = text.dropFirst(digits.count)
    let perUnit: Double
    if suffix.isEmpty, let unit {
      perUnit = unit.seconds * 1e9
    } else if let known = nanoseconds.first(where: { $0.unit == suffix }) {
      perUnit = known.count
    } else {
      return nil
    }
    let total = (number * perUnit).rounded()
    return total < 9e18 ? .nanoseconds(Int64(total)) : nil
  }

  /// The text in the largest unit, up to seconds, in which it is a whole number.
  package static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    if attoseconds == 0 { return "\(seconds)s" }
    let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
    if nanoseconds % 1_000 == 0 { return "\(nanoseconds / 1_000)us" }
    return "\(nanoseconds)ns"
  }
}

/// Shares as people write them: `0.2`, `20%`.
package enum ShareText {
  package static func share(_ text: String) -> Share? {
    guard let first = text.first, first.isNumber || first == "." else { return nil }
    guard text.hasSuffix("%") else { return Double(text).flatMap { Share($0) } }
    let number = text.dropLast().reversed().drop { $0 == " " }.reversed()
    return Double(String(number)).flatMap { Share($0 / 100) }
  }

  /// In percent, with at most two decimals.
  package static func text(_ share: Share) -> String {
    Level.number((share.fraction * 10_000).rounded() / 100).text + " %"
  }
}
