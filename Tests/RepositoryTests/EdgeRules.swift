/// Only the edge of the program meets the world.
enum EdgeRules {
  /// The targets that may read the clock, system randomness, files, processes and the environment.
  static let edge: Set<String> = ["morphling", "Transport"]

  /// What reaches the world, and what to use instead.
  private static let reaches: [(identifiers: Set<Substring>, instead: String)] = [
    (
      ["ContinuousClock", "SuspendingClock", "Date", "clock_gettime", "gettimeofday", "time"],
      "take a Clock or a time as an argument"
    ),
    (
      ["SystemRandomNumberGenerator", "UUID", "arc4random", "drand48", "rand"],
      "take a SeededGenerator"
    ),
    (
      [
        "FileManager", "FileHandle", "contentsOfFile", "fopen", "open", "fread", "print",
        "readLine",
      ], "take the contents as an argument, or give the text back"
    ),
    (
      ["ProcessInfo", "getenv", "setenv", "CommandLine", "posix_spawn", "fork", "exit", "Process"],
      "take what is needed as an argument"
    ),
  ]

  /// Names that mean something only when they are called.
  private static let calls: Set<Substring> = [
    "Date", "time", "open", "print", "rand", "exit", "fork", "Process", "UUID", "fread", "readLine",
  ]

  static func violations(in file: SourceFile) -> [Violation] {
    guard !edge.contains(file.target) else { return [] }
    return file.code.enumerated().flatMap { index, line in
      found(in: line).map { name, instead in
        file.violation(
          index, "\(name) outside \(edge.sorted().joined(separator: " and ")); \(instead)")
      }
    }
  }

  static func found(in line: Substring) -> [(name: String, instead: String)] {
    var result: [(String, String)] = []
    for (names, instead) in reaches {
      for name in identifiers(in: line) where names.contains(name) {
        let isMember = line[..<name.startIndex].last == "."
        let isDeclared = line[..<name.startIndex].hasSuffix("func ")
        let isCalled = line[name.endIndex...].first == "("
        if calls.contains(name), isMember || isDeclared || !(isCalled || isNow(line, name)) {
          continue
        }
        result.append((String(name), instead))
      }
    }
    let chance = [".random(", ".shuffled(", ".randomElement(", ".shuffle("]
    for call in chance {
      for range in line.ranges(of: call) where !line[range.upperBound...].contains("using:") {
        result.append((String(call.dropFirst().dropLast()), "pass using: a SeededGenerator"))
      }
    }
    for type in ["Data(contentsOf:", "String(contentsOf:"] where line.contains(type) {
      result.append((type, "take the contents as an argument"))
    }
    return result
  }

  /// `Date.now`
  private static func isNow(_ line: Substring, _ name: Substring) -> Bool {
    name == "Date" && line[name.endIndex...].hasPrefix(".now")
  }
}
