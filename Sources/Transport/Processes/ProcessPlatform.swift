import Foundation
import Glibc
package import StressTest
import Synchronization
import Tuning

/// This machine as a place for candidates to run: limits them, counts what they use, and leaves
/// nothing of them behind.
package final class ProcessPlatform: Sendable {
  /// How limits are put on candidates here.
  package let isolation: Isolation

  private let runGroup: RunGroup?
  private let guardian: Guardian
  private let names = Mutex<Set<String>>([])

  /// Cleans up after an earlier run of the same folder, which blocks until that is done, and gets
  /// ready for this one.
  ///
  /// - Parameters:
  ///   - runIdentifier: names the run's control groups; letters, digits, `-` and `_`. The same
  ///     for each run of a folder, different between folders.
  ///   - folder: where the record of what runs is kept. The caller holds its lock.
  ///   - systemRoot: put before the paths of the kernel's files, so that a copy can stand in.
  package init(
    runIdentifier: String, folder: String, systemRoot: String = ""
  ) throws(ProcessError) {
    guard runIdentifier.isPlainName else { throw .nameNotUsable(name: runIdentifier) }
    let recordPath = Self.recordPath(in: folder)
    Guardian.cleanUp(recordPath: recordPath)
    guardian = try Guardian(recordPath: recordPath)
    do throws(FileError) {
      let group = try RunGroup.established(identifier: runIdentifier, root: systemRoot)
      runGroup = group
      isolation = group.version == .two ? .controlGroupsV2 : .controlGroupsV1
      guardian.watch(group)
    } catch {
      runGroup = nil
      isolation = .perProcess(reason: error.description)
    }
  }

  /// Starts a candidate. That it then ends or never gets ready shows in its `state`.
  package func start(
    _ specification: ProcessSpecification
  ) async throws(ProcessError) -> Candidate {
    try check(specification)
    let process = try launch(specification)
    return process.candidate
  }

  /// Ends the guardian, which first ends whatever wasn't stopped. Nothing can be started after.
  package func close() async {
    await onThread { self.guardian.dismiss() }
    runGroup?.remove()
  }

  /// Ends what an earlier run of the folder may have left behind.
  package static func cleanUp(folder: String) async {
    await onThread { Guardian.cleanUp(recordPath: recordPath(in: folder)) }
  }

  private static func recordPath(in folder: String) -> String { folder + "/running" }
}

// MARK: - Starting

extension ProcessPlatform {
  private func check(_ specification: ProcessSpecification) throws(ProcessError) {
    let name = specification.name
    guard name.isPlainName, names.withLock({ $0.insert(name).inserted }) else {
      throw .nameNotUsable(name: name)
    }
    try specification.checkLimits()
    let folder = specification.workingDirectory
    guard ControlFile.exists(folder + "/.") else {
      throw .folderNotFound(name: name, folder: folder)
    }
    let isThere = ExecutableSearch.finds(
      specification.executable, from: folder, searchPath: specification.environment["PATH"])
    guard isThere else {
      throw .executableNotFound(name: name, executable: specification.executable)
    }
  }

  private func launch(
    _ specification: ProcessSpecification
  ) throws(ProcessError) -> CandidateProcess {
    let log = open(
      specification.logFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
    guard log >= 0 else {
      throw .file(FileError(specification.logFile, couldNotBe: "opened"))
    }
    defer { Glibc.close(log) }
    let group = try makeGroup(for: specification)
    let spawn = Spawn(
      arguments: group.map { LaunchCommand.inGroup($0, specification) }
        ?? LaunchCommand.perProcess(specification),
      environment: specification.completeEnvironment(inheriting: Self.ourEnvironment),
      output: log, errors: log)
    let process: Int32
    do { process = try spawn.start() } catch {
      group?.remove()
      throw .notStarted(name: specification.name, code: error.code)
    }
    if group == nil, let leader = ProcessEntry(process: process) {
      guardian.watch(sessionOf: leader)
    }
    return CandidateProcess(
      process: process,
      enclosure: group.map { .group($0) } ?? .session(ProcessSession(leader: process)),
      specification: specification)
  }

  private func makeGroup(
    for specification: ProcessSpecification
  ) throws(ProcessError) -> CandidateGroup? {
    guard let runGroup else { return nil }
    do {
      return try CandidateGroup(
        named: specification.name, in: runGroup, cpuLimit: specification.cpuLimit,
        memoryLimit: specification.memoryLimit)
    } catch { throw .file(error) }
  }

  private static var ourEnvironment: [String: String] { ProcessInfo.processInfo.environment }
}

extension String {
  /// Letters, digits, `-` and `_` of ASCII: fit to name a file and a control group.
  fileprivate var isPlainName: Bool {
    !isEmpty && utf8.count <= 100
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
