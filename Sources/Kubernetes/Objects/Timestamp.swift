/// An instant of civil time, to the microsecond, as API objects carry it (RFC 3339, UTC).
package struct Timestamp: Hashable, Comparable, Sendable {
  /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }
  package init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

  /// Reads `2026-01-02T03:04:05Z`, with an optional fraction and any offset; nil for other texts.
  package init?(_ text: String) {
    var rest = Substring(text)
    guard let year = Self.number(&rest, 4), Self.take(&rest, "-"),
      let month = Self.number(&rest, 2), (1...12).contains(month), Self.take(&rest, "-"),
      let day = Self.number(&rest, 2), (1...31).contains(day),
      Self.take(&rest, "T") || Self.take(&rest, "t"),
      let hour = Self.number(&rest, 2), hour < 24, Self.take(&rest, ":"),
      let minute = Self.number(&rest, 2), minute < 60, Self.take(&rest, ":"),
      let second = Self.number(&rest, 2), second <= 60,
      let fraction = Self.fraction(&rest), let offset = Self.offset(rest)
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    self.microseconds = seconds * 1_000_000 + fraction
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }
  package static func + (instant: Timestamp, duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    return Timestamp(
      microseconds: instant.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }
  package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    .microseconds(later.microseconds - earlier.microseconds)
  }
}

// MARK: - Text

extension Timestamp: CustomStringConvertible {
  /// To the second, as `metav1.Time` is written.
  package var description: String { text(fraction: "") }

  /// To the microsecond, as `metav1.MicroTime` is written.
  package var microText: String {
    let fraction = String(microseconds - wholeSeconds * 1_000_000)
    return text(fraction: "." + String(repeating: "0", count: 6 - fraction.count) + fraction)
  }

  private var wholeSeconds: Int64 {
    microseconds.quotientAndRemainder(dividingBy: 1_000_000).quotient
      - (microseconds % 1_000_000 < 0 ? 1 : 0)
  }

  private func text(fraction: String) -> String {
    let seconds = wholeSeconds
    let days = (seconds - ((seconds % 86_400) + 86_400) % 86_400) / 86_400
    let time = seconds - days * 86_400
    let (year, month, day) = Self.date(days: days)
    return Self.padded(year, 4) + "-" + Self.padded(month) + "-" + Self.padded(day) + "T"
      + Self.padded(time / 3_600) + ":" + Self.padded(time / 60 % 60) + ":"
      + Self.padded(time % 60) + fraction + "Z"
  }

  private static func padded(_ number: Int64, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func number(_ rest: inout Substring, _ count: Int) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return nil
    }
    rest = rest.dropFirst(count)
    return Int64(digits)
  }

  private static func take(_ rest: inout Substring, _ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Microseconds; what is finer is cut off.
  private static func fraction(_ rest: inout Substring) -> Int64? {
    guard take(&rest, ".") else { return 0 }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { return nil }
    rest = rest.dropFirst(digits.count)
    return Int64(digits.prefix(6) + String(repeating: "0", count: max(0, 6 - digits.count)))
  }

  /// Seconds east of Greenwich.
  private static func offset(_ text: Substring) -> Int64? {
    if text == "Z" || text == "z" { return 0 }
    var rest = text.dropFirst()
    guard let sign = text.first, sign == "+" || sign == "-", let hours = number(&rest, 2),
      take(&rest, ":"), let minutes = number(&rest, 2), rest.isEmpty
    else { return nil }
    return (sign == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }
}

// MARK: - Calendar
// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days.

extension Timestamp {
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
