import Testing

/// The rules themselves, on small texts: each can fail, and each knows what is no failure.
@Suite struct RuleTests {
  private func source(_ text: String, in target: String = "Tuning") -> SourceFile {
    SourceFile(path: "Sources/\(target)/Example.swift", text: text)
  }

  // MARK: Reading Swift

  @Test(arguments: [
    ("let a = 1 // try!", "let a = 1        "),
    ("let a = \"public {\"", "let a = \"        \""),
    (#"let a = "x\(f("y"))z""#, #"let a = "  (f(" ")) ""#),
    (##"let a = #"a"b\#(c)"#"##, ##"let a = #"     (c)"#"##),
    (#"let a = "\"" + b"#, #"let a = "  " + b"#),
    ("/* a\n b */c", "    \n     c"),
    ("let a = \"\"\"\n  \"{\" it\n  \"\"\"\nb", "let a = \"\"\"\n        \n  \"\"\"\nb"),
  ])
  func `comments and literals are no code`(text: String, code: String) {
    #expect(source(text).code.joined(separator: "\n") == code)
  }

  @Test func `identifiers have words`() {
    #expect(words(of: "maxBatchSize") == ["max", "batch", "size"])
    #expect(words(of: "JSONText") == ["jsontext"])
    #expect(words(of: "RATE_MAX") == ["rate", "max"])
    #expect(identifiers(in: "let a2 = b.c(3)") == ["let", "a2", "b", "c"])
  }

  @Test func `modifiers are not the declaration`() {
    #expect(declaration(in: "  package static func f()").rest == "func f()")
    #expect(declaration(in: "  package static func f()").modifiers == ["package", "static"])
    #expect(declaration(in: "final class A {").rest == "class A {")
    #expect(declaration(in: "  private(set) var a = 1").rest == "var a = 1")
  }

  // MARK: Arrows

  @Test func `an import that the table lacks is a violation`() {
    let file = source("import Glibc\npackage import Foundation\n// import Kubernetes\n")
    #expect(ImportRules.violations(in: file).map(\.line) == [2])
    #expect(ImportRules.violations(in: source("", in: "Elsewhere")).count == 1)
  }

  @Test(arguments: [
    "import struct Foundation.Date", "@preconcurrency import Foundation", "  import Foundation",
    "private import Foundation",
  ])
  func `an import is found in every form`(line: String) {
    #expect(ImportRules.imports(in: source(line)).map(\.module) == ["Foundation"])
  }

  @Test func `an arrow up is found`() {
    let table = [
      ImportRules.Row(target: "A", targets: ["B"]), ImportRules.Row(target: "B", targets: []),
      ImportRules.Row(target: "C", targets: ["A", "C"]),
    ]
    #expect(ImportRules.arrowsUp(in: table) == ["A → B", "C → C"])
  }

  @Test func `the manifest's declarations are read`() {
    let text = """
      func module(_ name: String, imports: [Dependency]) -> Target {}
      module("A", imports: []),
      module("B", imports: ["A", yams]),
      .executableTarget(name: "p", dependencies: ["A",
        "B", argumentParser], path: "x"),
      .executableTarget(name: "bench", dependencies: ["A"], path: "Benchmarks/X"),
      """
    #expect(
      PackageManifest.imports(in: text)
        == ["A": [], "B": ["A", "Yams"], "p": ["A", "B", "ArgumentParser"]])
  }

  @Test(arguments: [
    "let now = ContinuousClock().now", "let now = Date()", "let now = Date.now",
    "let x = Double.random(in: 0..<1)", "cells.shuffled()", "FileManager.default",
    "String(contentsOfFile: path)", "try Data(contentsOf: url)", "let f = open(path, O_RDONLY)",
    "ProcessInfo.processInfo.environment", "print(a)", "getenv(\"A\")",
  ])
  func `reading the world is found`(line: String) {
    #expect(EdgeRules.violations(in: source(line)).count == 1)
    #expect(EdgeRules.violations(in: source(line, in: "Transport")).isEmpty)
  }

  @Test(arguments: [
    "let x = Double.random(in: 0..<1, using: &generator)", "cells.shuffled(using: &generator)",
    "log.append(contentsOf: more)", "let open = cells.filter(isOpen)", "func open(_ cell: Int) {",
    "parenthesis.open(at: 3)", "// Date()", "\"ProcessInfo\"", "let time = 3",
    "import struct Foundation.Date",
  ])
  func `what only resembles the world is not`(line: String) {
    #expect(EdgeRules.violations(in: source(line)).isEmpty)
  }

  // MARK: Shape

  private func function(ofLines count: Int) -> String {
    let body = (0..<(count - 2)).map { "  let a\($0) = \"}\"" }.joined(separator: "\n")
    return "func f(a: Int = { 1 }()) throws {\n\(body)\n}\n"
  }

  @Test func `a function of 71 lines is too long`() {
    #expect(SizeRules.violations(in: source(function(ofLines: 70))).isEmpty)
    let found = SizeRules.violations(in: source("\n" + function(ofLines: 71)))
    #expect(found.map(\.line) == [2])
    #expect(found.first?.found == "f has 71 lines; at most 70 are allowed")
  }

  @Test func `a file of 401 lines is too long`() {
    let line = "let a = 1\n"
    #expect(SizeRules.violations(in: source(String(repeating: line, count: 400))).isEmpty)
    #expect(SizeRules.violations(in: source(String(repeating: line, count: 401))).count == 1)
  }

  @Test func `bodies are found in every form`() {
    let text = """
      protocol P {
        func required()
        func alsoRequired() -> Int
      }
      struct A {
        let stored = 1
        var computed: Int { stored }
        var observed: Int
        init(a: Int) {
          stored = a
        }
        package static func long<T>(
          of a: [T]
        ) -> T? where T: P {
          a.first
        }
      }
      """
    let found = SizeRules.functions(in: source(text)).map { "\($0.name) \($0.lines)" }
    #expect(found == ["computed 1", "init 3", "long 5"])
  }

  // MARK: Words

  @Test(arguments: [
    "fatalError()", "try! f()", "public struct A {}", "struct TrialManager {", "let aHelper = 1",
    "func utils() {}", "let suggestion = 1", "let assignment = 1", "struct RunInfo {",
    "// TO" + "DO",
    "final class RunData {",
  ])
  func `words without meaning are found`(line: String) {
    #expect(WordRules.violations(in: source(line)).count == 1, "\(line)")
  }

  @Test(arguments: [
    "let manual = 1", "UtilityModel(study)", "Configuration.Assignment(name: a)", "\"public\"",
    "// a public place", "let republic = 1", "sampling.share", "let data = 1", "baseline",
    "struct Database {",
  ])
  func `words that only resemble them are not`(line: String) {
    #expect(WordRules.violations(in: source(line)).isEmpty, "\(line)")
  }

  @Test func `a type for others needs a doc comment`() {
    let text = """
      /// A thing.
      package struct A {
        package struct Inner {}
        package var count: Int
      }
      struct B {}
      /// Said.
      @frozen
      package enum C {}
      // Not a doc comment.
      package final class D {}
      package func e() {}
      extension A {}
      """
    #expect(DocumentationRules.violations(in: source(text)).map(\.line) == [11, 12])
  }

  // MARK: Documents

  @Test func `a broken link is found`() {
    let text = """
      [a](there.md) [b](missing.md) [c](https://example.org/x) [d](../up.md#two-words)
      `[e](no.md)` [f](../up.md#three) [g](#own)
      ```
      [h](no.md)
      ```
      # Own
      """
    let found = MarkdownRules.brokenLinks(in: text, path: "docs/a.md") { path in
      ["docs/there.md": "", "up.md": "# One\n## Two words", "docs/a.md": text][path]
    }
    #expect(
      found.map(\.description) == [
        "docs/a.md:1: missing.md is not there",
        "docs/a.md:2: ../up.md#three: no such heading in up.md",
      ])
  }

  @Test func `blocks are read`() {
    let text = "a\n```yaml\nb: 1\n\nc: 2\n```\nd\n```\ne\n```\n```yaml\nf\n```\n"
    #expect(MarkdownRules.blocks("yaml", in: text) == ["b: 1\n\nc: 2\n", "f\n"])
    #expect(MarkdownRules.blocks("", in: text) == ["e\n"])
  }

  @Test func `make commands and targets are read`() {
    let text =
      "```\nmake demo\n```\nmake this. You make this. `make test trials=8` and make\n    make no\n"
    #expect(MarkdownRules.makeTargets(in: text).map(\.target) == ["demo", "test"])
    let makefile = "a := 1\ndemo: build ## x\n\tmake it\n.PHONY: demo\nre-run it: x\n"
    #expect(MarkdownRules.targets(ofMakefile: makefile) == ["demo", "re-run", "it"])
  }

  @Test func `options are read`() {
    let text = """
        @Option(
          name: [.short, .customLong("file")])
        var folderName: String?
        @Flag(help: "a") 
        var isLoud = false
        @Argument var path: String
        var other: Int { 1 }
      """
    #expect(CommandOptions.names(in: text) == ["file", "is-loud"])
  }
}
