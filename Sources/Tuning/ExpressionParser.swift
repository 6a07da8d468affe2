/// Why a text is no expression.
package struct ExpressionError: Error, Equatable, CustomStringConvertible {
  package let text: String
  /// How many characters were understood.
  package let offset: Int
  package let needed: String

  package var description: String {
    "\"\(text)\" at character \(offset + 1): \(needed) is needed"
  }
}

/// Recursive descent over the grammar of `Expression`. Nesting is limited, so that hostile input
/// can't exhaust the stack.
struct ExpressionParser {
  private let text: String
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  private static let depthMax = 100

  init(_ text: String) {
    self.text = text
    self.characters = Array(text)
  }

  mutating func wholeExpression() throws(ExpressionError) -> Expression {
    let result = try sum()
    skipSpaces()
    guard position == characters.count else { throw error("an operator or the end") }
    return result
  }

  private mutating func sum() throws(ExpressionError) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthMax else { throw error("less nesting") }
    var result = try product()
    while let symbol = accept("+", "-") {
      result = .combine(symbol == "+" ? .add : .subtract, result, try product())
    }
    return result
  }

  private mutating func product() throws(ExpressionError) -> Expression {
    var result = try signed()
    while !isPower, let symbol = accept("*", "/") {
      result = .combine(symbol == "*" ? .multiply : .divide, result, try signed())
    }
    return result
  }

  private mutating func signed() throws(ExpressionError) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthMax else { throw error("less nesting") }
    if accept("-") != nil { return .apply(.negate, try signed()) }
    if accept("+") != nil { return try signed() }
    let base = try operand()
    guard isPower else { return base }
    skipSpaces()
    position += 2
    return .combine(.power, base, try signed())
  }

  private mutating func operand() throws(ExpressionError) -> Expression {
    if accept("(") != nil {
      let result = try sum()
      try expect(")")
      return result
    }
    skipSpaces()
    guard position < characters.count else { throw error("a number or a name") }
    if characters[position].isNumber || characters[position] == "." { return try number() }
    return try nameOrCall()
  }

  private mutating func number() throws(ExpressionError) -> Expression {
    let start = position
    var previous: Character = " "
    while position < characters.count {
      let character = characters[position]
      let isExponentSign = (character == "+" || character == "-") && "eE".contains(previous)
      guard character.isNumber || ".eE".contains(character) || isExponentSign else { break }
      previous = character
      position += 1
    }
    guard let value = Double(String(characters[start..<position])), value.isFinite else {
      position = start
      throw error("a number")
    }
    return .number(value)
  }

  private mutating func nameOrCall() throws(ExpressionError) -> Expression {
    let start = position
    while position < characters.count, isNamePart(characters[position]) { position += 1 }
    guard position > start else { throw error("a number or a name") }
    let name = String(characters[start..<position])
    guard accept("(") != nil else { return .name(name) }
    let first = try sum()
    if let function = Expression.Function(rawValue: name), function != .negate {
      try expect(")")
      return .apply(function, first)
    }
    guard let operation = Expression.Operation(rawValue: name) else {
      position = start
      throw error("one of the functions log, sqrt, minimum, maximum")
    }
    try expect(",")
    let second = try sum()
    try expect(")")
    return .combine(operation, first, second)
  }

  private func isNamePart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private var isPower: Bool {
    var start = position
    while start < characters.count, characters[start] == " " { start += 1 }
    return start + 1 < characters.count && characters[start] == "*" && characters[start + 1] == "*"
  }

  private mutating func skipSpaces() {
    while position < characters.count, characters[position] == " " { position += 1 }
  }

  private mutating func accept(_ wanted: Character...) -> Character? {
    skipSpaces()
    guard position < characters.count, wanted.contains(characters[position]) else { return nil }
    defer { position += 1 }
    return characters[position]
  }

  private mutating func expect(_ wanted: Character) throws(ExpressionError) {
    guard accept(wanted) != nil else { throw error("\"\(wanted)\"") }
  }

  private func error(_ needed: String) -> ExpressionError {
    ExpressionError(text: text, offset: position, needed: needed)
  }
}
