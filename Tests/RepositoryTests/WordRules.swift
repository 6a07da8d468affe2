/// Words that a reader should not meet.
enum WordRules {
  /// In code: what ends the program, and what only libraries for others need.
  private static let keywords: [Substring: String] = [
    "fatalError": "throw a typed error, or state a precondition",
    "public": "use package for what other targets need",
  ]
  /// Anywhere, also in comments.
  private static let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

  /// Words of the glossary's last line, and what to say instead.
  private static let replacements: [String: String] = [
    "manager": "name what it does", "helper": "name what it does", "helpers": "name what it does",
    "util": "name what it does", "utils": "name what it does", "utilities": "name what it does",
    "suggestion": "say proposal", "suggestions": "say proposals", "suggest": "say proposal",
    "suggested": "say proposed",
    "assignment": "say configuration", "assignments": "say configuration",
  ]
  /// Identifiers that may hold such a word: Foundation's, and one level of a configuration.
  private static let allowed: Set<Substring> = ["FileManager", "Assignment", "assignments"]

  /// Who writes an object's fields, in the API server's own words, where we speak with it.
  private static let fieldManagers: Set<String> = [
    "manager", "Manager", "fieldManager", "managers",
  ]
  private static let clientTargets: Set<String> = [
    "Kubernetes", "Transport", "Simulation", "morphling",
  ]

  /// Endings that say nothing of a type.
  private static let emptyEndings: Set<String> = [
    "base", "info", "data", "service", "object", "impl",
  ]
  /// Types with such an ending that the field calls so.
  private static let allowedTypes: Set<Substring> = [
    "JSONObject", "KubernetesObject", "TrialObject", "EarlierService",
  ]

  static func violations(in file: SourceFile) -> [Violation] {
    var result: [Violation] = []
    for (index, line) in file.code.enumerated() {
      for (found, instead) in badWords(in: line) {
        if fieldManagers.contains(found), clientTargets.contains(file.target) { continue }
        result.append(file.violation(index, "\(found); \(instead)"))
      }
    }
    for (index, line) in file.lines.enumerated() {
      for note in notes where identifiers(in: line).contains(Substring(note)) {
        result.append(file.violation(index, "\(note); do it, or write an issue"))
      }
    }
    return result
  }

  /// What is wrong with a line of code.
  static func badWords(in line: Substring) -> [(found: String, instead: String)] {
    var result: [(String, String)] = []
    if line.contains("try!") { result.append(("try!", "handle the error, or pass it on")) }
    for name in identifiers(in: line) {
      if let instead = keywords[name] { result.append((String(name), instead)) }
      guard !allowed.contains(name) else { continue }
      for word in words(of: name) {
        if let instead = replacements[word] { result.append((String(name), instead)) }
      }
    }
    if let type = declaredType(in: line), !allowedTypes.contains(type),
      let ending = words(of: type).last, emptyEndings.contains(ending)
    {
      result.append(("type \(type)", "name what it is"))
    }
    return result
  }

  /// The name of the type that a line declares.
  static func declaredType(in line: Substring) -> Substring? {
    let parts = declaration(in: line).rest.split(separator: " ", maxSplits: 1)
    let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    guard parts.count == 2, kinds.contains(String(parts[0])) else { return nil }
    return parts[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}
