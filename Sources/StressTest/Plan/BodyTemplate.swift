import Tuning

/// A text with fields in double braces that differ from one request to the next:
///
/// - `{{number}}`: 0, 1, 2, … in the order of the requests;
/// - `{{integer 1 100}}`: a whole number, both ends included;
/// - `{{decimal 0 1}}`: a number from the first up to the second;
/// - `{{choice red|green|blue}}`: one of these;
/// - `{{letters 16}}`: so many small letters.
package struct BodyTemplate: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case text([UInt8])
    case number
    case integer(ClosedRange<Int>)
    case decimal(ClosedRange<Double>)
    case choice([String])
    case letters(Int)
  }

  /// As it was written.
  package let text: String
  private let pieces: [Piece]

  package init(_ text: String) throws(BodyTemplateError) {
    self.text = text
    var pieces: [Piece] = []
    var rest = Substring(text)
    while let opening = rest.firstRange(of: "{{") {
      if opening.lowerBound > rest.startIndex {
        pieces.append(.text(Array(rest[..<opening.lowerBound].utf8)))
      }
      let inner = rest[opening.upperBound...]
      guard let closing = inner.firstRange(of: "}}") else {
        throw BodyTemplateError(found: "{{" + inner.prefix(20), needed: "}} is missing after it")
      }
      pieces.append(try Self.piece(inner[..<closing.lowerBound]))
      rest = inner[closing.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(Array(rest.utf8))) }
    self.pieces = pieces
  }

  private static func piece(_ field: Substring) throws(BodyTemplateError) -> Piece {
    let words = field.split(separator: " ", maxSplits: 1)
    let rest = words.count > 1 ? words[1] : ""
    let numbers = rest.split(separator: " ")
    switch words.first {
    case "number" where rest.isEmpty: return .number
    case "integer" where numbers.count == 2:
      if let low = Int(numbers[0]), let high = Int(numbers[1]), low <= high {
        return .integer(low...high)
      }
    case "decimal" where numbers.count == 2:
      if let low = Double(numbers[0]), let high = Double(numbers[1]), low <= high,
        (high - low).isFinite
      {
        return .decimal(low...high)
      }
    case "choice" where !rest.isEmpty:
      return .choice(rest.split(separator: "|", omittingEmptySubsequences: false).map(String.init))
    case "letters":
      if let count = Int(rest), (1...lettersMax).contains(count) { return .letters(count) }
    default: break
    }
    throw BodyTemplateError(
      found: "{{\(field)}}",
      needed: "{{number}}, {{integer 1 100}}, {{decimal 0 1}}, {{choice a|b}} or {{letters 16}} is")
  }

  private static let lettersMax = 1_000_000

  /// The body of the request of a number.
  func body(of number: Int, seed: UInt64) -> [UInt8] {
    var chance = RequestContent.chance(of: number, seed: seed)
    var body: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): body += bytes
      case .number: body += Array("\(number)".utf8)
      case .integer(let range): body += Array("\(Int.random(in: range, using: &chance))".utf8)
      case .decimal(let range): body += Array("\(Double.random(in: range, using: &chance))".utf8)
      case .choice(let choices):
        body += Array(choices[Int.random(in: choices.indices, using: &chance)].utf8)
      case .letters(let count):
        for _ in 0..<count {
          body.append(UInt8.random(in: UInt8(ascii: "a")...UInt8(ascii: "z"), using: &chance))
        }
      }
    }
    return body
  }
}

/// What is wrong with a template.
package struct BodyTemplateError: Error, Hashable, CustomStringConvertible {
  package let found: String
  package let needed: String
  package var description: String { "\"\(found)\": \(needed) needed" }
}
