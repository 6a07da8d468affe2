/// Finds what a mistyped word was meant to be.
package enum Spelling {
  /// The candidate closest to the word, where one is close: at most a third of its letters differ.
  package static func closest(to word: String, among candidates: [String]) -> String? {
    let wanted = Array(word.lowercased())
    let ranked = candidates.map { ($0, distance(wanted, Array($0.lowercased()))) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, wanted.count / 3) else {
      return nil
    }
    return best.0
  }

  /// `did you mean "x"?` where something is close, else the list of what there is.
  package static func hint(_ word: String, among candidates: [String]) -> String {
    if let closest = closest(to: word, among: candidates) { return "did you mean \"\(closest)\"?" }
    return "known: \(candidates.joined(separator: ", "))"
  }

  /// Insertions, deletions and replacements between two words (Levenshtein).
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let replaced = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
