import Foundation
import StressTest
import Testing
import Transport
import Tuning

@Suite(.serialized, .timeLimit(.minutes(1)))
struct GuardianTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A record as a killed tuner leaves it behind, when its guardian was killed too.
  private func cleanUp(after record: String) async throws {
    _ = try folder.file("running", record)
    await ProcessPlatform.cleanUp(folder: folder.path)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/running"))
  }

  private func startSession() throws -> (process: Process, leader: Int32, startTicks: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
    process.arguments = ["--wait", "sh", "-c", "sleep 1000 & echo $$; exec sleep 1000"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let leader = try #require(Int32(line.trimmingCharacters(in: .newlines)))
    let stat = try String(contentsOfFile: "/proc/\(leader)/stat", encoding: .utf8)
    return (process, leader, String(stat.split(separator: " ")[21]))
  }

  @Test func `what an earlier run left behind is ended`() async throws {
    let session = try startSession()
    #expect(isAlive(session.leader))
    try await cleanUp(after: "session \(session.leader) \(session.startTicks)\n")
    #expect(!isAlive(session.leader))
    session.process.waitUntilExit()
  }

  @Test func `another process that got the same identifier is left alone`() async throws {
    let session = try startSession()
    try await cleanUp(after: "session \(session.leader) 1\n")
    #expect(isAlive(session.leader))
    kill(-session.leader, SIGKILL)
    session.process.waitUntilExit()
  }

  @Test func `a group that bears another's name is left alone`() async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sleep", "1000"]
    try process.run()
    let list = "\(process.processIdentifier)\n"
    _ = try folder.file("system/cgroup.procs", list)
    try await cleanUp(after: "group \(folder.path)/system\n")
    #expect(isAlive(process.processIdentifier))
    _ = try folder.file("morphling-x/trial-1/cgroup.procs", list)
    try await cleanUp(after: "group \(folder.path)/morphling-x\n")
    #expect(!isAlive(process.processIdentifier))
    process.waitUntilExit()
  }
}
