package import Tuning

/// How many trials a search may take: so many, or a share of the space.
package enum Budget: Hashable, Sendable {
  case trials(Int)
  case share(Share)

  /// `30`, `0.2` or `20%`.
  package init(_ text: String) throws(OptionError) {
    let needed = "give a number of trials like 30, or a share of the space like 0.2 or 20%"
    if let trials = Int(text) {
      guard trials > 0 else {
        throw OptionError(option: "--budget", found: "a budget of \(text)", needed: needed)
      }
      self = .trials(trials)
      return
    }
    guard let share = ShareText.share(text), share.fraction > 0 else {
      throw OptionError(option: "--budget", found: "\"\(text)\"", needed: needed)
    }
    self = .share(share)
  }

  /// Baseline and one more: with fewer there is nothing to compare.
  package static let trialsMin = 2

  /// The trials that a share of so many configurations allows.
  package static func trials(_ share: Share, of count: Int) -> Int {
    // A whole product may come out a trifle low: 0.29 × 100.
    max(trialsMin, Int((share.fraction * Double(count) + 1e-9).rounded(.down)))
  }
}

/// An option of the command line that can't be used.
package struct OptionError: Error, Hashable, CustomStringConvertible {
  package let option: String
  package let found: String
  package let needed: String

  package init(option: String, found: String, needed: String) {
    self.option = option
    self.found = found
    self.needed = needed
  }

  package var problem: Problem { Problem(.error, at: option, found: found, needed: needed) }
  package var description: String { problem.description }
}
