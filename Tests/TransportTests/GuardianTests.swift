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

  private func startSession() throws -> (
    process: ChildProcess, leader: Int32, startTicks: String
  ) {
    let process = try ChildProcess(
      ["sh", "-c", "sleep 1000 & echo $$; exec sleep 1000"], output: .pipe)
    let leader = try #require(Int32(process.firstLine()))
    let stat = try String(contentsOfFile: "/proc/\(leader)/stat", encoding: .utf8)
    return (process, leader, String(stat.split(separator: " ")[21]))
  }

  @Test func `what an earlier run left behind is ended`() async throws {
    let session = try startSession()
    #expect(isAlive(session.leader))
    try await cleanUp(after: "session \(session.leader) \(session.startTicks)\n")
    #expect(!isAlive(session.leader))
    #expect(session.process.ending(until: .now + .seconds(60)) != nil)
  }

  @Test func `another process that got the same identifier is left alone`() async throws {
    let session = try startSession()
    try await cleanUp(after: "session \(session.leader) 1\n")
    #expect(isAlive(session.leader))
    kill(-session.leader, SIGKILL)
    #expect(session.process.ending(until: .now + .seconds(60)) != nil)
  }

  @Test func `a group that bears another's name is left alone`() async throws {
    let process = try ChildProcess(["sleep", "1000"])
    let list = "\(process.identifier)\n"
    _ = try folder.file("system/cgroup.procs", list)
    try await cleanUp(after: "group \(folder.path)/system\n")
    #expect(isAlive(process.identifier))
    _ = try folder.file("morphling-x/trial-1/cgroup.procs", list)
    try await cleanUp(after: "group \(folder.path)/morphling-x\n")
    #expect(!isAlive(process.identifier))
    #expect(process.ending(until: .now + .seconds(60)) != nil)
  }
}
