/// Who may import what: the picture in ARCHITECTURE.md as a table.
enum ImportRules {
  struct Row {
    let target: String
    /// Targets of this package that are declared, and every one of which is used.
    let targets: Set<String>
    /// Modules of other packages, likewise.
    var packages: Set<String> = []
    /// Modules that come with the system and need no declaration.
    var system: Set<String> = []
  }

  /// From the bottom up: a target imports only from rows above its own.
  static let table = [
    Row(target: "Tuning", targets: [], system: ["Glibc"]),
    Row(target: "Kubernetes", targets: [], system: ["Synchronization"]),

    Row(target: "GaussianProcess", targets: ["CLAPACK", "COpenBLAS"], system: ["Glibc"]),
    Row(target: "StressTest", targets: ["Tuning"], system: ["Foundation", "Glibc"]),
    Row(
      target: "CustomResources", targets: ["Tuning", "Kubernetes"], packages: ["Yams"],
      system: ["Foundation"]),
    Row(
      target: "Reporting", targets: ["Tuning"], packages: ["Mustache"], system: ["Foundation"]),

    Row(target: "PerformanceCurves", targets: ["Tuning"], system: ["Glibc"]),
    Row(target: "QueueSimulation", targets: ["Tuning", "StressTest"], system: ["Glibc"]),
    Row(
      target: "BayesianOptimization", targets: ["Tuning", "GaussianProcess"], system: ["Glibc"]),

    Row(
      target: "Controllers",
      targets: ["Tuning", "BayesianOptimization", "CustomResources", "Kubernetes", "StressTest"],
      system: ["Foundation", "Synchronization"]),
    Row(
      target: "Transport",
      targets: ["CCurl", "CNGHTTP2", "COpenSSL", "Kubernetes", "Tuning", "StressTest"],
      system: ["Foundation", "Glibc", "Synchronization"]),

    Row(
      target: "Simulation", targets: ["Controllers", "CustomResources", "Kubernetes", "Tuning"],
      system: ["Synchronization"]),

    Row(
      target: "morphling",
      targets: [
        "Tuning", "Kubernetes", "StressTest", "CustomResources", "Reporting", "PerformanceCurves",
        "BayesianOptimization", "Controllers", "Transport", "Simulation",
      ],
      packages: [
        "ArgumentParser", "FlyingFox", "FlyingSocks", "Logging", "ServiceLifecycle", "UnixSignals",
      ],
      system: ["Dispatch", "Foundation", "Glibc", "Synchronization"]),
  ]

  /// Libraries in C: a module map and a header, no Swift.
  static let systemLibraries: Set<String> = [
    "CLAPACK", "COpenBLAS", "CCurl", "CNGHTTP2", "COpenSSL",
  ]

  /// The modules that a file imports, and where.
  static func imports(in file: SourceFile) -> [(module: String, index: Int)] {
    file.code.enumerated().compactMap { index, line in
      let rest = declaration(in: line).rest
      guard rest.hasPrefix("import ") else { return nil }
      let name = rest.dropFirst("import ".count).drop { $0 == " " }.prefix { $0 != " " }
      // `import struct Foundation.Date` imports from Foundation all the same.
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let"]
      let path = kinds.contains(name) ? rest.split(separator: " ").last ?? name : name
      return (String(path.prefix { $0 != "." }), index)
    }
  }

  /// Imports that the table doesn't allow.
  static func violations(in file: SourceFile, table: [Row] = table) -> [Violation] {
    guard let row = table.first(where: { $0.target == file.target }) else {
      return [file.violation(0, "target \(file.target) is not in the table of imports; add it")]
    }
    let allowed = row.targets.union(row.packages).union(row.system)
    return imports(in: file).filter { !allowed.contains($0.module) }.map { module, index in
      file.violation(
        index,
        "\(row.target) imports \(module); it may import \(allowed.sorted().joined(separator: ", "))"
      )
    }
  }

  /// Rows that point at themselves or down the table, which would be a cycle or a step up.
  static func arrowsUp(in table: [Row]) -> [String] {
    var above = systemLibraries
    var wrong: [String] = []
    for row in table {
      wrong += row.targets.subtracting(above).sorted().map { "\(row.target) → \($0)" }
      above.insert(row.target)
    }
    return wrong
  }
}

/// What Package.swift declares of the product's targets.
enum PackageManifest {
  /// The imports that it declares for each target that isn't a test or a benchmark.
  static func imports(in text: String) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    let statements = text.replacing(#/module\(\s+/#, with: "module(").split(separator: "module(\"")
      .dropFirst().map { ($0, "imports: [") }
    let programs = text.split(separator: ".executableTarget(").dropFirst()
      .filter { !$0.contains("path: \"Benchmarks") }
      .compactMap { program in
        program.firstIndex(of: "\"").map { (program[$0...].dropFirst(), "dependencies: [") }
      }
    for (statement, label) in statements + programs {
      guard let list = list(after: label, in: statement) else { continue }
      let name = String(statement.prefix { $0 != "\"" })
      result[name] = Set(list)
    }
    return result
  }

  /// The elements of an array literal; the constants for other packages by their module.
  private static func list(after label: String, in statement: Substring) -> [String]? {
    guard let start = statement.firstRange(of: label)?.upperBound,
      let end = statement[start...].firstIndex(of: "]")
    else { return nil }
    let modules = [
      "argumentParser": "ArgumentParser", "yams": "Yams", "mustache": "Mustache",
      "flyingFox": "FlyingFox", "flyingSocks": "FlyingSocks", "logging": "Logging",
      "lifecycle": "ServiceLifecycle", "signals": "UnixSignals",
    ]
    return statement[start..<end].split(separator: ",").compactMap { element in
      let word = element.filter { !$0.isWhitespace }
      return word.isEmpty ? nil : quoted(Substring(word)).first ?? modules[word] ?? word
    }
  }

  private static func quoted(_ text: Substring) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
  }
}
