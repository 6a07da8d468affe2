/// The identifiers in a line of code, in order.
func identifiers(in line: Substring) -> [Substring] {
  line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.filter { $0.first?.isNumber == false }
}

/// The words of an identifier in lower case: `trialRunner2` has `trial` and `runner2`.
func words(of identifier: Substring) -> [String] {
  var words: [String] = []
  var previous: Character = "_"
  for character in identifier {
    if character == "_" {
      previous = character
      continue
    }
    let isBoundary = previous == "_" || (character.isUppercase && !previous.isUppercase)
    if isBoundary { words.append("") }
    words[words.count - 1].append(contentsOf: character.lowercased())
    previous = character
  }
  return words
}

/// A line's declaration without its modifiers: `package static func f()` is `func f()`.
func declaration(in line: Substring) -> (modifiers: Set<Substring>, rest: Substring) {
  let known: Set<Substring> = [
    "package", "public", "internal", "private", "fileprivate", "open", "static", "final",
    "mutating", "indirect", "override", "nonisolated", "convenience", "lazy", "weak", "class",
  ]
  var rest = line.drop { $0 == " " }
  var modifiers: Set<Substring> = []
  while let space = rest.firstIndex(of: " ") {
    let word = rest[..<space]
    // `private(set)`, `@Sendable`
    let bare = word.prefix { $0 != "(" }
    // `class` modifies a member but declares a type.
    let next = rest[space...].drop { $0 == " " }
    let declaresType = bare == "class" && !["func", "var"].contains(next.prefix { $0 != " " })
    guard known.contains(bare) || word.first == "@", !declaresType else { break }
    modifiers.insert(bare)
    rest = next
  }
  return (modifiers, rest)
}
