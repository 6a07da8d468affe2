import CustomResources
import Foundation
import Tuning

/// All that decides a run, as it was given: kept in the run's directory, so that the run can be
/// taken up again whatever became of the files.
struct RunInputs: Codable, Sendable {
  /// The options that change the experiment, as text.
  struct Options: Codable, Sendable {
    var slo: [String]
    var budget: String?
    var parallel: String?
    var objective: String?
  }

  /// A file as it was when the run began.
  struct SourceFile: Codable, Sendable {
    /// As the user named it, for messages.
    var name: String
    var text: String
  }

  var formatVersion = 1
  var toolVersion = Version.text
  var startedAt: String
  var arguments: [String]
  var runner: TuneCommand.Runner
  var seed: UInt64
  var options: Options
  var manifest: SourceFile?
  /// The folder that relative paths in the manifest start from.
  var folder: String
  var table: SourceFile?
  var sidecar: SourceFile?
  var service: String?
  /// What earlier services left, where the run begins with it.
  var prior: [SourceFile]?
  /// The request body, where the manifest refers to a file.
  var body: Data?

  init(
    file: String?, runner: TuneCommand.Runner, profile: String?, options: Options, seed: UInt64,
    priors: [String] = [], arguments: [String]
  ) throws {
    startedAt = Date.now.formatted(.iso8601)
    self.arguments = arguments
    self.runner = runner
    self.seed = seed
    self.options = options
    manifest = try file.map(Self.source)
    folder =
      file.map { URL(filePath: $0).standardizedFileURL.deletingLastPathComponent().path }
      ?? FileManager.default.currentDirectoryPath
    if let profile {
      let reference = ProfileReference(profile)
      table = try Self.source(reference.csvPath)
      sidecar = try Self.source(reference.sidecarPath)
      service = reference.service
    }
    if !priors.isEmpty { prior = try priors.flatMap(Self.tables) }
    body = try bodyFile()
  }

  /// The tables in a directory of earlier services.
  private static func tables(_ directory: String) throws -> [SourceFile] {
    guard let tables = PriorTables.read(directory), !tables.isEmpty else {
      throw Failure(
        .wrongInput,
        "error: --prior \(directory): no profiles there; name the directory of a finished run, or one "
          + "with CSV tables")
    }
    return tables.map { SourceFile(name: $0.name, text: $0.csv) }
  }

  static func source(_ path: String) throws -> SourceFile {
    SourceFile(name: path, text: String(decoding: try contents(path), as: UTF8.self))
  }

  /// A file that the user named.
  static func contents(_ path: String) throws -> Data {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Failure(.wrongInput, "error: \(path): no such file; check the path")
    }
    guard !isDirectory.boolValue, let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.wrongInput, "error: \(path): not a readable file; name a file")
    }
    return data
  }

  /// The bytes of the file that the stress test's body is taken from.
  private func bodyFile() throws -> Data? {
    guard runner == .process, let definition = try? resolved(checkingBody: false).definition,
      case .file(let path) = definition.stressTest.body
    else { return nil }
    return try Self.contents(URL(filePath: path, relativeTo: URL(filePath: folder + "/")).path)
  }
}

extension RunInputs {
  /// What the inputs mean.
  struct Resolved: Sendable {
    let definition: ExperimentDefinition
    /// Nil unless a recorded table answers.
    let table: ProfileTable?
    let warnings: [Problem]
  }

  /// Decodes and checks everything.
  /// - Throws: `Failure` with all problems of the input at once.
  func resolved(checkingBody: Bool = true) throws -> Resolved {
    let manifests = manifest.map { [Manifest($0.text, file: $0.name)] } ?? []
    var (overrides, problems) = options.read()
    var table: ProfileTable?
    if let csv = self.table, let sidecar {
      let read = ProfileTable.read(
        csv: (csv.text, csv.name), sidecar: (sidecar.text, sidecar.name), service: service)
      table = read.table
      problems += read.diagnostics.problems
      guard table != nil else { throw Self.failure(problems) }
    }
    let decoded =
      table.map { ExperimentDefinition.decode(manifests, replaying: $0, overrides: overrides) }
      ?? ExperimentDefinition.decode(manifests, overrides: overrides)
    problems += decoded.diagnostics.problems
    if let definition = decoded.definition, runner == .process {
      problems += ProcessTrials.problems(
        of: definition, file: self.manifest?.name ?? "", folder: folder)
    }
    guard let definition = decoded.definition, !Diagnostics(problems).hasErrors else {
      throw Self.failure(problems)
    }
    return Resolved(
      definition: definition, table: table,
      warnings: problems.filter { $0.severity == .warning })
  }

  private static func failure(_ problems: [Problem]) -> Failure {
    Failure(.wrongInput, Diagnostics(problems).description)
  }
}

extension RunInputs.Options {
  /// The options, each of which may be wrong.
  func read() -> (Overrides, [Problem]) {
    var overrides = Overrides()
    var problems: [Problem] = []
    func read<Value>(_ reader: () throws(OptionError) -> Value) -> Value? {
      do { return try reader() } catch {
        problems.append(error.problem)
        return nil
      }
    }
    for text in slo {
      if let bound = read({ () throws(OptionError) in try Overrides.Bound(text) }) {
        overrides.bounds.append(bound)
      }
    }
    if let text = budget {
      overrides.budget = read { () throws(OptionError) in try Budget(text) }
    }
    if let text = parallel {
      overrides.parallelism = read { () throws(OptionError) in try Overrides.parallelism(text) }
    }
    if let text = objective {
      overrides.objective = read { () throws(OptionError) in try Overrides.objective(text) }
    }
    return (overrides, problems)
  }
}
