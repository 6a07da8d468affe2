import Controllers
import CustomResources
import Foundation
import Reporting
import Transport
import Tuning

/// The directory of a run: its inputs, its journal, its logs and its results. One tuner at a time
/// may write to it.
final class RunDirectory: Sendable {
  let path: String
  let inputs: RunInputs
  let resolved: RunInputs.Resolved
  /// What the journal had when the directory was opened.
  let entries: [JournalEntry]
  /// What earlier services have taught.
  private let earlier: [EarlierService]
  private let coding: JournalCoding
  /// Nil for a directory that is only read.
  private let journal: AppendOnlyFile?
  private let lock: FileLock?

  /// Makes a new directory, or takes an empty one.
  init(creating path: String, for inputs: RunInputs, _ resolved: RunInputs.Resolved) throws {
    guard !Self.exists(path, Self.inputsName), !Self.exists(path, Self.journalName) else {
      throw Failure(
        .wrongInput,
        "error: \(path): holds a run already; go on with it by --resume \(path), or name another "
          + "directory with --output")
    }
    try FileManager.default.createDirectory(
      atPath: path + "/logs", withIntermediateDirectories: true)
    lock = try Self.locked(path)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(inputs).write(
      to: URL(filePath: path).appending(path: Self.inputsName), options: .atomic)
    if let text = resolved.definition.derivedText {
      try Data(text.utf8).write(to: URL(filePath: path).appending(path: "experiment.yaml"))
    }
    journal = try AppendOnlyFile(path: path + "/" + Self.journalName)
    self.path = path
    self.inputs = inputs
    self.resolved = resolved
    coding = JournalCoding(resolved.definition.space)
    earlier = Self.earlier(inputs, resolved)
    entries = []
  }

  /// Opens the directory of an earlier run to go on with it.
  init(resuming path: String) throws {
    let inputs = try Self.inputs(path)
    let resolved = try inputs.resolved()
    lock = try Self.locked(path)
    let journal = try AppendOnlyFile(path: path + "/" + Self.journalName)
    coding = JournalCoding(resolved.definition.space)
    earlier = Self.earlier(inputs, resolved)
    entries = try Self.entries(journal.lines, coding, path)
    self.journal = journal
    self.path = path
    self.inputs = inputs
    self.resolved = resolved
  }

  /// Opens the directory of a run, which may still be going on, to read it.
  init(reading path: String) throws {
    let inputs = try Self.inputs(path)
    let resolved = try inputs.resolved()
    coding = JournalCoding(resolved.definition.space)
    earlier = Self.earlier(inputs, resolved)
    let text = (try? String(contentsOfFile: path + "/" + Self.journalName, encoding: .utf8)) ?? ""
    // A line without its end is still being written.
    let whole = text.lastIndex(of: "\n").map { text[..<$0] } ?? ""
    entries = try Self.entries(whole.split(separator: "\n").map(String.init), coding, path)
    journal = nil
    lock = nil
    self.path = path
    self.inputs = inputs
    self.resolved = resolved
  }

  /// Writes an entry down for good.
  func record(_ entry: JournalEntry) throws {
    try journal?.append(coding.line(entry))
  }

  /// The experiment as far as the journal tells it.
  func experiment() throws -> Experiment {
    let definition = resolved.definition
    var study = definition.study(seed: inputs.seed)
    study.earlier = earlier
    let beginning = Experiment(
      study: study,
      baseline: definition.target == nil ? nil : definition.baseline,
      parallelism: definition.parallelism)
    do {
      return try beginning.replaying(entries)
    } catch {
      throw Failure(.wrongInput, "error: \(path)/\(Self.journalName): \(error)")
    }
  }

  /// What a reader of the results should know: warnings of the input, and what the run noted.
  var notes: [String] {
    var sentences = resolved.warnings.map(\.description)
    for case .noted(let sentence) in entries where !sentences.contains(sentence) {
      sentences.append(sentence)
    }
    return sentences
  }

  /// How long the trials took, side by side as they were.
  var duration: Duration {
    var sum = Duration.zero
    for case .finished(_, _, let duration) in entries { sum += duration }
    return sum / resolved.definition.parallelism
  }

  /// What the run's report is made of.
  func reportSource() throws -> ReportSource {
    var stopReason: StopReason?
    for case .concluded(let reason) in entries { stopReason = reason }
    return ReportSource(
      definition: resolved.definition, study: try experiment().study,
      startedAt: inputs.startedAt, duration: duration, stopReason: stopReason, notes: notes,
      environment: Report.Environment(
        machine: Machine.description,
        command: (["morphling"] + inputs.arguments).joined(separator: " ")))
  }

  /// Names the run on this machine, the same every time.
  var identifier: String {
    let canonical = URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    // FNV-1a: short, stable between runs, and nothing depends on its strength.
    let hash = canonical.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return "run-" + String(hash, radix: 16)
  }

  private static func earlier(
    _ inputs: RunInputs, _ resolved: RunInputs.Resolved
  ) -> [EarlierService] {
    EarlierServices.read(
      (inputs.prior ?? []).map { (name: $0.name, csv: $0.text) }, over: resolved.definition.space)
  }

  private static let inputsName = "run.json"
  private static let journalName = "journal.jsonl"

  private static func exists(_ path: String, _ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + name)
  }

  private static func inputs(_ path: String) throws -> RunInputs {
    guard let data = FileManager.default.contents(atPath: path + "/" + inputsName) else {
      throw Failure(
        .wrongInput,
        "error: \(path): no run in it (there is no \(inputsName)); name the directory of a run")
    }
    do {
      return try JSONDecoder().decode(RunInputs.self, from: data)
    } catch {
      throw Failure(
        .wrongInput,
        "error: \(path)/\(inputsName): can't be read; it was edited, or written by another version")
    }
  }

  private static func locked(_ path: String) throws -> FileLock {
    do {
      return try FileLock(path: path + "/lock")
    } catch {
      throw Failure(.wrongInput, "error: \(error)")
    }
  }

  private static func entries(
    _ lines: [String], _ coding: JournalCoding, _ path: String
  ) throws -> [JournalEntry] {
    do {
      return try lines.enumerated().map { try coding.entry($1, number: $0 + 1) }
    } catch {
      throw Failure(.wrongInput, "error: \(path)/\(journalName): \(error)")
    }
  }
}
