import Testing

/// The rules of ARCHITECTURE.md and CONTRIBUTING.md, held against the files that are there. A
/// failure names the file and the line.
@Suite struct SourceTreeTests {
  @Test func `the sources are found`() {
    #expect(Repository.sources.count > 100)
    #expect(Set(Repository.sources.map(\.target)) == Set(ImportRules.table.map(\.target)))
    #expect(Repository.markdownPaths.contains("README.md"))
  }

  // MARK: Arrows

  @Test func `a target imports what the table allows`() {
    expectNone(Repository.sources.flatMap { ImportRules.violations(in: $0) })
  }

  @Test func `arrows only point down`() {
    #expect(ImportRules.arrowsUp(in: ImportRules.table) == [])
  }

  @Test func `Package.swift declares what the table says`() {
    let declared = PackageManifest.imports(in: Repository.text(of: "Package.swift"))
    let wanted = Dictionary(
      ImportRules.table.map { ($0.target, $0.targets.union($0.packages)) },
      uniquingKeysWith: { $1 })
    #expect(Set(declared.keys) == Set(wanted.keys))
    for (target, imports) in wanted { #expect(declared[target] == imports, "\(target)") }
  }

  @Test func `every declared import is used`() {
    for row in ImportRules.table {
      let files = Repository.sources.filter { $0.target == row.target }
      let used = Set(files.flatMap { ImportRules.imports(in: $0).map(\.module) })
      let idle = row.targets.union(row.packages).union(row.system).subtracting(used)
      #expect(idle == [], "\(row.target)")
    }
  }

  @Test func `only the edge meets the world`() {
    expectNone(Repository.sources.flatMap(EdgeRules.violations))
  }

  /// What the fields of an experiment are called is known in one place, where text becomes values.
  @Test func `only CustomResources knows the names of fields`() {
    let names = ["tunableParameters", "feasibleSpace", "objectiveMetricName", "parameterType"]
    for file in Repository.sources where file.target != "CustomResources" {
      for (index, line) in file.lines.enumerated() {
        for name in names where line.contains("\"\(name)\"") {
          expectNone([file.violation(index, "field \(name); ask CustomResources")])
        }
      }
    }
  }

  // MARK: Shape

  @Test func `functions and files stay short`() {
    expectNone(Repository.sources.flatMap(SizeRules.violations))
  }

  @Test func `words mean one thing`() {
    expectNone(Repository.sources.flatMap(WordRules.violations))
  }

  @Test func `what other targets see is documented`() {
    expectNone(Repository.sources.flatMap(DocumentationRules.violations))
  }

  // MARK: Every file

  @Test func `no file knows where a developer keeps it`() {
    // Put together here, so that this file has none either.
    let homes = ["home", "root", "Users", "work"].map { "/\($0)/" }
    for path in Repository.paths {
      let lines = Repository.text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        for home in homes where beginsPath(home, in: line) {
          expectNone([
            Violation(path: path, line: index + 1, found: "an absolute path below \(home)")
          ])
        }
      }
    }
  }

  /// Whether the folder stands where a path begins, not within one.
  private func beginsPath(_ folder: String, in line: Substring) -> Bool {
    line.ranges(of: folder).contains { range in
      guard let before = line[..<range.lowerBound].last else { return true }
      return !before.isLetter && !before.isNumber && !"_-.})*/".contains(before)
    }
  }
}
