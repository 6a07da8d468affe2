/// What is wrong with a line of the ask-tell protocol: *where: what was found; what is needed*.
package struct AskTellError: Error, Hashable, CustomStringConvertible {
  package let location: String
  package let found: String
  package let needed: String

  package init(_ location: String, found: String, needed: String) {
    self.location = location
    self.found = found
    self.needed = needed
  }

  package var description: String { "\(location): \(found); \(needed)" }
}
