/// What other targets see says what it is.
enum DocumentationRules {
  /// Types and free functions for other targets that lack a doc comment. Members and nested types
  /// are left to the author's judgement: `Rate.perSecond` and `Report.Tool` need no sentence.
  static func violations(in file: SourceFile) -> [Violation] {
    file.code.indices.compactMap { index in
      let line = file.code[index]
      let (modifiers, rest) = declaration(in: line)
      let isTopLevel = line.first != " "
      guard modifiers.contains("package"), isTopLevel else { return nil }
      let kind = rest.prefix { $0 != " " }
      let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias", "func"]
      guard kinds.contains(String(kind)), !isDocumented(index, in: file) else { return nil }
      let name = rest.dropFirst(kind.count + 1).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      return file.violation(index, "\(kind) \(name) has no doc comment; say what it is")
    }
  }

  /// Whether a doc comment ends on the line above, attributes left out.
  private static func isDocumented(_ index: Int, in file: SourceFile) -> Bool {
    var above = index - 1
    while above >= 0, file.lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
    return above >= 0 && file.lines[above].drop { $0 == " " }.hasPrefix("///")
  }
}
