import Foundation

/// Documents say what is there.
enum MarkdownRules {
  /// Relative links whose file, or heading, is not there.
  static func brokenLinks(
    in text: String, path: String, textOf: (String) -> String?
  ) -> [Violation] {
    var result: [Violation] = []
    for (index, target) in links(in: text) {
      guard !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let file = parts[0].isEmpty ? path : resolved(String(parts[0]), from: path)
      guard let linked = textOf(file) else {
        result.append(Violation(path: path, line: index + 1, found: "\(target) is not there"))
        continue
      }
      if parts.count == 2, !anchors(in: linked).contains(String(parts[1])) {
        result.append(
          Violation(path: path, line: index + 1, found: "\(target): no such heading in \(file)"))
      }
    }
    return result
  }

  /// `[text](target)`, outside code.
  static func links(in text: String) -> [(index: Int, target: String)] {
    prose(in: text).flatMap { index, line in
      line.split(separator: "](", omittingEmptySubsequences: false).dropFirst()
        .compactMap { rest in
          rest.firstIndex(of: ")").map { (index, String(rest[..<$0])) }
        }
    }
  }

  /// The texts of the fenced blocks in a language.
  static func blocks(_ language: String, in text: String) -> [String] {
    var result: [String] = []
    var isFenced = false
    var isWanted = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isFenced.toggle()
        isWanted = isFenced && line.dropFirst(3) == language
        if isWanted { result.append("") }
      } else if isWanted {
        result[result.count - 1] += line + "\n"
      }
    }
    return result
  }

  /// The lines outside fenced blocks, without inline code.
  private static func prose(in text: String) -> [(index: Int, line: String)] {
    var isFenced = false
    var result: [(Int, String)] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        isFenced.toggle()
      } else if !isFenced {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        result.append(
          (
            index,
            parts.enumerated().filter { $0.offset % 2 == 0 }
              .map { String($0.element) }.joined()
          ))
      }
    }
    return result
  }

  /// The anchors that headings get: in lower case, with `-` for spaces, punctuation dropped.
  static func anchors(in text: String) -> Set<String> {
    var isFenced = false
    var result: Set<String> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("```") { isFenced.toggle() }
      guard !isFenced, line.hasPrefix("#") else { continue }
      let title = line.drop { $0 == "#" }.drop { $0 == " " }
      result.insert(
        title.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
          .replacing(" ", with: "-"))
    }
    return result
  }

  private static func resolved(_ target: String, from path: String) -> String {
    var parts = path.split(separator: "/").dropLast().map(String.init)
    for part in target.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// The targets of `make` that code in a document names, and where: in fenced blocks, at the
  /// beginning of a line; elsewhere after a backtick.
  static func makeTargets(in text: String) -> [(index: Int, target: String)] {
    var isFenced = false
    var result: [(Int, String)] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") { isFenced.toggle() }
      for range in line.ranges(of: "make ") {
        let before = line[..<range.lowerBound].last
        guard before == "`" || (before == nil && isFenced) else { continue }
        let word = line[range.upperBound...].prefix { $0.isLetter || $0 == "-" || $0.isNumber }
        if !word.isEmpty { result.append((index, String(word))) }
      }
    }
    return result
  }

  /// The targets that a Makefile has; a rule may name several.
  static func targets(ofMakefile text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").flatMap { line -> [String] in
        let names = line.prefix { $0.isLetter || $0.isNumber || "- ".contains($0) }
        let rest = line[names.endIndex...]
        guard line.first != " ", rest.hasPrefix(":"), !rest.hasPrefix(":=") else { return [] }
        return names.split(separator: " ").map(String.init)
      })
  }
}
