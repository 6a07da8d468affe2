import CustomResources
import Testing
import Tuning

/// What the documents promise is there.
@Suite struct DocumentTests {
  private let makefile = MarkdownRules.targets(ofMakefile: Repository.text(of: "Makefile"))
  private let readme = Repository.text(of: "README.md")

  @Test(arguments: Repository.markdownPaths)
  func `relative links lead somewhere`(path: String) {
    expectNone(
      MarkdownRules.brokenLinks(in: Repository.text(of: path), path: path) { linked in
        Repository.exists(linked) ? Repository.text(of: linked) : nil
      })
  }

  @Test(arguments: Repository.markdownPaths)
  func `every make command is in the Makefile`(path: String) {
    for (index, target) in MarkdownRules.makeTargets(in: Repository.text(of: path))
    where !makefile.contains(target) {
      expectNone([
        Violation(path: path, line: index + 1, found: "make \(target) is not in the Makefile")
      ])
    }
  }

  @Test func `the README begins with the two commands`() throws {
    let demo = try #require(readme.firstRange(of: "make demo")).lowerBound
    let test = try #require(readme.firstRange(of: "make test")).lowerBound
    #expect(demo < test)
    #expect(readme[..<test].split(separator: "\n").count < 20)
  }

  @Test(arguments: Repository.paths.filter { $0.hasPrefix("Sources/morphling/Commands/") })
  func `the README has every option of the command line`(path: String) {
    let text = Repository.text(of: path)
    let options = CommandOptions.names(in: text)
    // A filter has none.
    #expect(!options.isEmpty || path.hasSuffix("/OptimizeCommand.swift"))
    for option in options { #expect(readme.contains("--\(option)"), "--\(option)") }
  }

  @Test func `the README has every exit status`() {
    let program = SourceFile(
      path: "Program.swift", text: Repository.text(of: "Sources/morphling/Program.swift"))
    let statuses = program.code.compactMap { line in
      let parts = line.split(separator: " ")
      return parts.count == 4 && parts[0] == "case" && parts[2] == "=" ? parts[3] : nil
    }
    #expect(statuses.count == 6)
    for status in statuses { #expect(readme.contains("| \(status) |"), "\(status)") }
  }

  @Test(arguments: [
    ("Experiment/ExperimentReader.swift", "static let fields = ["),
    ("Experiment/StressTestReader.swift", "static let fields = ["),
  ])
  func `the README has every field of an experiment`(file: String, list: String) throws {
    let text = Repository.text(of: "Sources/CustomResources/\(file)")
    let start = try #require(text.firstRange(of: list)).upperBound
    let end = try #require(text[start...].firstIndex(of: "]"))
    let fields = text[start..<end].split(separator: "\"").filter { $0.first?.isLetter ?? false }
    #expect(fields.count > 10)
    for field in fields { #expect(readme.contains(field), "\(field)") }
  }

  @Test func `the experiment of the README is read without a complaint`() throws {
    let blocks = MarkdownRules.blocks("yaml", in: readme)
    try #require(blocks.count == 2)
    let manifest = Manifest(blocks.joined(), file: "README.md")
    let (definition, diagnostics) = ExperimentDefinition.decode([manifest])
    #expect(diagnostics.problems.isEmpty, "\(diagnostics)")
    #expect(definition?.space.parameters.count == 6)
    let derived = ExperimentDefinition.decode([Manifest(blocks[0], file: "README.md")])
    #expect(derived.definition?.derivedText != nil, "\(derived.diagnostics)")
  }

  @Test func `the table of the profiles' README is read without a complaint`() throws {
    let text = Repository.text(of: "profiles/README.md")
    let csv = try #require(MarkdownRules.blocks("", in: text).first)
    let sidecar = try #require(MarkdownRules.blocks("json", in: text).first)
    let (table, diagnostics) = ProfileTable.read(
      csv: (csv, "resnet.csv"), sidecar: (sidecar, "resnet.json"), service: nil)
    #expect(diagnostics.problems.isEmpty, "\(diagnostics)")
    #expect(table?.space.count == 3)
  }

  @Test func `the code map has every target`() {
    let architecture = Repository.text(of: "ARCHITECTURE.md")
    let targets = ImportRules.table.map(\.target) + ImportRules.systemLibraries.sorted()
    for target in targets { #expect(architecture.contains("| `\(target)` |"), "\(target)") }
  }

  @Test func `the licence is Apache 2.0`() {
    let licence = Repository.text(of: "LICENSE")
    #expect(licence.contains("Apache License"))
    #expect(licence.contains("Version 2.0, January 2004"))
    #expect(licence.contains("END OF TERMS AND CONDITIONS"))
    #expect(readme.contains("Apache-2.0"))
  }

  @Test func `the changelog has the version that the program gives`() throws {
    let program = Repository.text(of: "Sources/morphling/Program.swift")
    let start = try #require(program.firstRange(of: "static let text = \"")).upperBound
    let version = program[start...].prefix { $0 != "\"" }
    #expect(Repository.text(of: "CHANGELOG.md").contains("## [\(version)]"))
  }
}

/// The options that a command declares for swift-argument-parser.
enum CommandOptions {
  /// The long names: `--file` for a `customLong`, else for the property.
  static func names(in text: String) -> [String] {
    var names: [String] = []
    var customName: String?
    var isOption = false
    for line in text.split(separator: "\n") {
      let isGroup = line.hasPrefix("  @OptionGroup")
      if line.hasPrefix("  @Option") || line.hasPrefix("  @Flag"), !isGroup {
        isOption = true
        customName = nil
      }
      if let range = line.firstRange(of: ".customLong(\"") {
        customName = String(line[range.upperBound...].prefix { $0 != "\"" })
      }
      for prefix in ["  var ", "  @Flag var ", "  @Option var "] where line.hasPrefix(prefix) {
        let property = line.dropFirst(prefix.count).prefix { $0.isLetter }
        if isOption { names.append(customName ?? words(of: property).joined(separator: "-")) }
        isOption = false
      }
    }
    return names
  }
}
