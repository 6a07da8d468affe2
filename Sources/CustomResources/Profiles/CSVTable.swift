/// Comma-separated values (RFC 4180): a header, then rows of as many fields.
package struct CSVTable {
  package struct Row {
    /// The line on which it begins.
    package let line: Int
    package let fields: [String]
  }

  package let header: [String]
  package let rows: [Row]

  /// Nil for a text without a header.
  package init?(_ text: String) {
    var rows = Self.rows(of: text).filter { $0.fields != [""] }
    guard !rows.isEmpty else { return nil }
    self.header = rows.removeFirst().fields
    self.rows = rows
  }

  /// Splits the text; within quotation marks, commas and line ends are text, and two marks stand
  /// for one.
  private static func rows(of text: String) -> [Row] {
    var rows: [Row] = []
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var line = 1
    var firstLine = 1
    var previous: Character = ","
    for character in text {
      let endsLine = character == "\n" || character == "\r\n"
      if endsLine { line += 1 }
      switch character {
      case "\"":
        // A mark after a closing one is a mark.
        if !isQuoted, previous == "\"" { field.append(character) }
        isQuoted.toggle()
      case "," where !isQuoted:
        fields.append(field)
        field = ""
      case _ where endsLine && !isQuoted:
        rows.append(Row(line: firstLine, fields: fields + [field]))
        (fields, field, firstLine) = ([], "", line)
      default: field.append(character)
      }
      previous = character
    }
    if !field.isEmpty || !fields.isEmpty {
      rows.append(Row(line: firstLine, fields: fields + [field]))
    }
    return rows
  }
}
