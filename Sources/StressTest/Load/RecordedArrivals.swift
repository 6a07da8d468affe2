import Tuning

/// When requests were due once, to be sent at the same distances again.
package struct RecordedArrivals: Hashable, Sendable {
  /// In nanoseconds after the first; rising.
  package let starts: [Int64]

  package init(starts: [Int64]) {
    let sorted = starts.sorted()
    let first = sorted.first ?? 0
    self.starts = sorted.map { $0 - first }
  }

  /// Reads a number of seconds from each line, up to its first comma; in any order, and from any
  /// origin. Empty lines, lines that begin with `#`, and a first line without a number are passed
  /// over.
  ///
  /// - Parameter speed: how much faster than it was recorded; 1 for as it was.
  package init(text: String, speed: Double = 1) throws(RecordedArrivalsError) {
    var seconds: [Double] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let word = (line.split(separator: ",").first ?? "").filter { !$0.isWhitespace }
      guard !word.isEmpty, !word.hasPrefix("#") else { continue }
      if let number = Double(word), number.isFinite {
        seconds.append(number)
      } else if !seconds.isEmpty || index > 0 {
        throw RecordedArrivalsError(line: index + 1, found: String(word.prefix(40)))
      }
    }
    guard let first = seconds.min(), let last = seconds.max() else {
      throw RecordedArrivalsError(line: nil, found: "")
    }
    guard (last - first) / speed <= 86_400 else {
      throw RecordedArrivalsError(line: nil, found: "\((last - first) / speed) seconds in all")
    }
    self.init(starts: seconds.map { Int64(($0 - first) / speed * 1e9) })
  }

  /// From the first to the last, and a mean distance more.
  package var duration: Duration {
    guard let last = starts.last, starts.count > 1 else { return .seconds(1) }
    return .nanoseconds(max(last + last / Int64(starts.count - 1), 1_000_000))
  }
}

/// What is wrong with recorded arrival times.
package struct RecordedArrivalsError: Error, Hashable, CustomStringConvertible {
  /// From 1; nil for the whole.
  package let line: Int?
  package let found: String

  package var description: String {
    guard let line else {
      return found.isEmpty
        ? "no arrival time in it; a number of seconds on each line is needed"
        : "\(found); at most a day is possible"
    }
    return "line \(line): \"\(found)\"; a number of seconds is needed"
  }
}
