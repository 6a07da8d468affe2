import Foundation
import Glibc
import Testing
import Transport

/// The built program, run as a user would run it.
struct Morphling {
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    /// Whether a stress test has measured what it was to measure. Other tests keep the machine busy, so
    /// its numbers may be good for nothing; then it must have said so, and the rest of its result holds.
    var hasMeasured: Bool { status == 0 || isUnusable }

    /// Whether the load generator, and nothing else, is why the numbers of a stress test are of no use.
    var isUnusable: Bool { status == 5 && errors.contains("not usable: ") }
  }

  /// Beside the test bundle.
  static var executable: String {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "morphling").path
  }

  /// Runs it to its end.
  static func run(_ arguments: String..., in folder: String? = nil) throws -> Result {
    try started(arguments, in: folder).finished()
  }

  /// Runs a stress test whose verdict matters: again while this machine is too busy for one.
  static func judged(_ test: () throws -> Result) throws -> Result {
    var result = try test()
    for _ in 0..<4 where result.isUnusable { result = try test() }
    return result
  }

  /// Starts it.
  /// - Parameters:
  ///   - variables: set beside those of this process.
  ///   - descriptors: how many it may have open; as many as this process where nothing is said.
  static func started(
    _ arguments: [String], in folder: String? = nil, variables: [String: String] = [:],
    input: String? = nil, descriptors: Int? = nil
  ) throws -> Running {
    let limited = descriptors.map { ["sh", "-c", "ulimit -n \($0) && exec \"$@\"", "sh"] } ?? []
    return try Running(
      limited + [executable] + arguments, in: folder, variables: variables, input: input)
  }

  /// The program while it runs.
  final class Running {
    private let process: ChildProcess
    private let output: URL
    private let errors: URL

    init(
      _ command: [String], in folder: String?, variables: [String: String], input: String?
    ) throws {
      let base = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      output = base.appendingPathExtension("out")
      errors = base.appendingPathExtension("err")
      process = try ChildProcess(
        command,
        environment: ProcessInfo.processInfo.environment.merging(variables) { $1 },
        directory: folder, input: input.map { .bytes(Array($0.utf8)) } ?? .nothing,
        output: .file(output.path), errors: .file(errors.path))
    }

    deinit {
      for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
    }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.identifier }

    var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var errorsSoFar: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) { process.send(signal) }

    /// One that doesn't end in ten minutes has failed.
    func finished() throws -> Result {
      let ending = try #require(
        process.ending(until: .now + .seconds(600)), "it never ended: \(errorsSoFar)")
      return Result(status: ending.code ?? -1, output: outputSoFar, errors: errorsSoFar)
    }

    /// Waits until the condition holds; a test that waits in vain fails.
    func wait(until what: String, _ holds: (Running) -> Bool) throws {
      for _ in 0..<1_200 {
        if holds(self) { return }
        guard process.isRunning else { break }
        Thread.sleep(forTimeInterval: 0.1)
      }
      Issue.record("never came to pass: \(what)\n\(errorsSoFar)")
    }
  }
}

/// A folder that goes away with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appending(path: "morphling-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path).appending(path: name))
    return path + "/" + name
  }

  func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: path).appending(path: name))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  func lines(_ name: String) -> [String] {
    let text = (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }
}

/// The processes of this machine whose command line has a text in it.
func processes(mentioning text: String) -> [String] {
  let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return all.filter { Int32($0) != nil }.compactMap { process in
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else {
      return nil
    }
    let line = String(decoding: data.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    return line.contains(text) ? line : nil
  }
}
