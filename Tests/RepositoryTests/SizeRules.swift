/// Functions fit a screen and files a sitting.
enum SizeRules {
  static let functionLinesMax = 70
  static let fileLinesMax = 400

  struct Function: Hashable {
    let name: String
    /// Of the first line.
    let index: Int
    let lines: Int
  }

  static func violations(in file: SourceFile) -> [Violation] {
    var result = functions(in: file).filter { $0.lines > functionLinesMax }.map {
      file.violation(
        $0.index, "\($0.name) has \($0.lines) lines; at most \(functionLinesMax) are allowed")
    }
    // What follows the last line end is no line.
    let count = file.lines.count - (file.lines.last == "" ? 1 : 0)
    if count > fileLinesMax {
      result.append(
        file.violation(count - 1, "\(count) lines; a file has at most \(fileLinesMax)"))
    }
    return result
  }

  /// Functions, initializers, subscripts and computed properties with a body.
  static func functions(in file: SourceFile) -> [Function] {
    file.code.indices.compactMap { index in
      let line = file.code[index]
      let rest = declaration(in: line).rest
      let kind = rest.prefix { $0.isLetter }
      guard ["func", "init", "deinit", "subscript", "var"].contains(kind) else { return nil }
      guard let end = endOfBody(from: index, in: file.code, onOneLine: kind == "var") else {
        return nil
      }
      let name = rest.dropFirst(kind.count).drop { $0 == " " }
        .prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      return Function(
        name: name.isEmpty ? String(kind) : String(name), index: index, lines: end - index + 1)
    }
  }

  /// The line on which the body of the declaration closes; nil where there is no body, as in a
  /// protocol or for a stored property.
  private static func endOfBody(
    from start: Int, in code: [Substring], onOneLine: Bool
  ) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<code.count {
      if braces == 0, index > start, parentheses == 0 {
        let kind = declaration(in: code[index]).rest.prefix { $0.isLetter }
        if onOneLine || ["func", "init", "var", "let", "case"].contains(kind) { return nil }
      }
      for character in code[index] {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses -= 1
        case "{" where braces > 0 || parentheses == 0: braces += 1
        case "}" where braces == 0 && parentheses == 0: return nil
        case "}" where braces == 1: return index
        case "}" where braces > 1: braces -= 1
        default: break
        }
      }
    }
    return nil
  }
}
