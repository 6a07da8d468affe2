import Foundation
import Testing

/// The files of this repository, as a fresh clone has them.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Folders that hold tracked files, beside the files at the top.
  private static let folders = [
    ".ci", "Benchmarks", "Sources", "Tests", "deploy", "profiles",
  ]

  /// Paths of all tracked files, relative to the root, in order.
  static let paths: [String] = {
    let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    let files = top.filter { !isFolder($0) && $0 != ".git" && $0 != "Package.resolved" }
    return (files + folders.flatMap(files(below:))).sorted()
  }()

  /// Every Swift file below `Sources`, read once.
  static let sources: [SourceFile] =
    paths
    .filter { $0.hasPrefix("Sources/") && $0.hasSuffix(".swift") }
    .map { SourceFile(path: $0, text: text(of: $0)) }

  static let markdownPaths = paths.filter { $0.hasSuffix(".md") }

  /// The text of a file; empty where there is none, or where it is no text.
  static func text(of path: String) -> String {
    (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    let full = root.appending(path: path).path
    return FileManager.default.fileExists(atPath: full, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  private static func files(below folder: String) -> [String] {
    let names =
      (try? FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path))
      ?? []
    return names.map { "\(folder)/\($0)" }
      .filter { !$0.contains("__pycache__") && !isFolder($0) }
  }
}

/// A place where a rule is broken.
struct Violation: Hashable, CustomStringConvertible {
  let path: String
  /// Counted from 1.
  let line: Int
  /// What was found; what is needed.
  let found: String

  var description: String { "\(path):\(line): \(found)" }
}

/// Fails once for each violation, at the line that breaks the rule.
func expectNone(_ violations: [Violation]) {
  for violation in violations {
    let name = violation.path.split(separator: "/").last.map(String.init) ?? violation.path
    Issue.record(
      Comment(rawValue: violation.description),
      sourceLocation: SourceLocation(
        fileID: "Repository/\(name)",
        filePath: Repository.root.appending(path: violation.path).path,
        line: max(violation.line, 1), column: 1))
  }
}
