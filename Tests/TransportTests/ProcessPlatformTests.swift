import Foundation
import StressTest
import Testing
import Transport
import Tuning

/// Which platforms this machine can offer: with control groups, and without.
enum PlatformKind: String, CaseIterable, CustomTestStringConvertible {
  case controlGroups = "control groups"
  case perProcess = "no control groups"

  /// Control groups need root, or a group delegated to the user.
  static let hasControlGroups: Bool = {
    guard let folder = try? TemporaryFolder(),
      let platform = try? ProcessPlatform(runIdentifier: "check-\(getpid())", folder: folder.path)
    else { return false }
    if case .perProcess = platform.isolation { return false }
    return true
  }()

  static var available: [PlatformKind] {
    hasControlGroups ? allCases : [.perProcess]
  }

  var testDescription: String { rawValue }

  func platform(in folder: TemporaryFolder) throws -> ProcessPlatform {
    let name = String(folder.path.suffix(12))
    let root = self == .perProcess ? folder.path + "/nowhere" : ""
    return try ProcessPlatform(runIdentifier: name, folder: folder.path, systemRoot: root)
  }
}

@Suite(.serialized, .timeLimit(.minutes(2)))
struct ProcessPlatformTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    (["sh", "-c", "exit 3"], "exit status 3"),
    (["sh", "-c", "kill -9 $$"], "signal 9 (SIGKILL)"),
    (["sh", "-c", "kill -SEGV $$"], "signal 11 (SIGSEGV)"),
  ])
  func `how a candidate ended is told`(command: [String], expected: String) async throws {
    let platform = try PlatformKind.available[0].platform(in: folder)
    let candidate = try await platform.start(specification("trial-1", command, in: folder))
    #expect(await ending(of: candidate) == expected)
    await candidate.stop()
    await platform.close()
  }

  @Test func `the last lines of its output come back`() async throws {
    let platform = try PlatformKind.available[0].platform(in: folder)
    let script = "for n in $(seq 5000); do echo line $n; done; echo on stderr >&2; printf open"
    let candidate = try await platform.start(
      specification("trial-1", ["sh", "-c", script], in: folder))
    _ = await ending(of: candidate)
    #expect(await candidate.lastLogLines(3) == ["line 5000", "on stderr", "open"])
    #expect(await candidate.lastLogLines(0).isEmpty)
    await candidate.stop()
    await platform.close()
  }

  @Test(arguments: PlatformKind.available)
  func `it runs in its folder with its variables and few of ours`(
    kind: PlatformKind
  ) async throws {
    setenv("TUNER_SECRET", "told", 1)
    let platform = try kind.platform(in: folder)
    let candidate = try await platform.start(
      specification("trial-1", ["sh", "-c", "pwd; env; ls /proc/$$/fd"], in: folder))
    #expect(await ending(of: candidate) == "exit status 0")
    let lines = await candidate.lastLogLines(100)
    #expect(lines.contains("MARK=of-trial-1"))
    #expect(lines.contains { $0.hasPrefix("PATH=") })
    #expect(!lines.contains { $0.hasPrefix("TUNER_SECRET=") })
    #expect(lines.first == URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path)
    #expect(lines.filter { Int($0) != nil } == ["0", "1", "2"])
    await candidate.stop()
    await platform.close()
  }

  @Test(arguments: PlatformKind.available)
  func `it is ready when its probe succeeds`(kind: PlatformKind) async throws {
    let port = try FreePorts().next()
    let platform = try kind.platform(in: folder)
    let candidate = try await platform.start(
      specification(
        "trial-1", ["python3", FaultyServer.script, "\(port)"], in: folder,
        readiness: .httpGet(url: "http://127.0.0.1:\(port)/ok")))
    try await eventually("its state is known") { await candidate.state() != .starting }
    #expect(await candidate.state() == .ready)
    let usage = await candidate.usage()
    #expect(try #require(usage.memoryPeak) > ByteCount(1 << 20))
    #expect(try #require(usage.cpu) > .milliseconds(10))
    await candidate.stop()
    #expect(await candidate.state() != .ready)
    await platform.close()
  }

  @Test(arguments: PlatformKind.available)
  func `stopping ends all of its processes, also the unwilling`(kind: PlatformKind) async throws {
    let platform = try kind.platform(in: folder)
    let script = """
      trap '' INT TERM
      sh -c 'trap "" INT TERM; echo $$; while :; do sleep 1; done' &
      while :; do sleep 1; done
      """
    let candidate = try await platform.start(
      specification("trial-1", ["sh", "-c", script], in: folder))
    let child = try #require(Int32(await firstLine(of: candidate)))
    #expect(isAlive(child))
    let taken = await ContinuousClock().measure { await candidate.stop() }
    #expect(!isAlive(child))
    #expect(await candidate.state() == .ended("signal 9 (SIGKILL)"))
    #expect(taken < .seconds(20))
    await platform.close()
  }

  @Test func `what was left running is ended with the platform`() async throws {
    for kind in PlatformKind.available {
      let folder = try TemporaryFolder()
      let platform = try kind.platform(in: folder)
      let candidate = try await platform.start(
        specification("trial-1", ["sh", "-c", "echo $$; exec sleep 1000"], in: folder))
      let process = try #require(Int32(await firstLine(of: candidate)))
      #expect(isAlive(process))
      await platform.close()
      #expect(!isAlive(process))
    }
  }

  @Test func `what can't be started says what is needed`() async throws {
    let platform = try PlatformKind.perProcess.platform(in: folder)
    func message(_ specification: ProcessSpecification) async -> String? {
      let error = await #expect(throws: ProcessError.self) {
        _ = try await platform.start(specification)
      }
      return error?.description
    }
    #expect(
      await message(
        specification("a", ["true"], in: folder, memoryLimit: ByteCount(1 << 20)))
        == "a: has a memory limit of 1048576 bytes; give it 4Mi or more")
    #expect(
      await message(specification("b", ["true"], in: folder, cpuLimit: 0.001))
        == "b: has a CPU limit of 0.001 cores; give it 0.01 or more")
    #expect(
      await message(specification("c", ["no-such-server"], in: folder))
        == "c: no executable file \"no-such-server\"; give a path, or a name found in PATH")
    #expect(
      await message(specification("../d", ["true"], in: folder))
        == "\"../d\": not usable as the name of a candidate; use letters, digits, - and _ only")
    await platform.close()
  }

  @Test func `no port is given twice`() throws {
    let ports = FreePorts()
    let given = try (0..<200).map { _ in try ports.next() }
    #expect(Set(given).count == 200)
    #expect(given.allSatisfy { (1_024...65_535).contains($0) })
  }
}

/// Needs the right to make control groups: root, or a group delegated to the user.
@Suite(
  .serialized, .timeLimit(.minutes(2)),
  .enabled(if: PlatformKind.hasControlGroups, "no right to make control groups here"))
struct RealLimitTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `more memory than the limit is killed, and counted`() async throws {
    let platform = try PlatformKind.controlGroups.platform(in: folder)
    let candidate = try await platform.start(
      specification(
        "trial-1", ["tail", "/dev/zero"], in: folder, memoryLimit: ByteCount(64 << 20)))
    #expect(await ending(of: candidate) == "signal 9 (SIGKILL)")
    let usage = await candidate.usage()
    #expect(usage.outOfMemoryKills == 1)
    #expect(try #require(usage.memoryPeak) <= ByteCount(64 << 20))
    await candidate.stop()
    #expect(await candidate.usage().outOfMemoryKills == 1)
    await platform.close()
  }

  @Test func `a CPU quota throttles`() async throws {
    let platform = try PlatformKind.controlGroups.platform(in: folder)
    // Three tenths of a second of work, of which a fifth of a core does 20 ms in 100.
    let script = "import time\nwhile time.process_time() < 0.3: pass"
    let candidate = try await platform.start(
      specification("trial-1", ["/usr/bin/python3", "-c", script], in: folder, cpuLimit: 0.2))
    let taken = await ContinuousClock().measure { _ = await ending(of: candidate) }
    let usage = await candidate.usage()
    #expect(taken > .seconds(1))
    // How long depends on what else the machine has to do.
    #expect(try #require(usage.throttled) > .zero)
    let cpu = try #require(usage.cpu)
    #expect(cpu >= .milliseconds(280) && cpu.seconds < 0.3 * taken.seconds)
    await candidate.stop()
    await platform.close()
  }

  @Test func `no group is left behind`() async throws {
    let platform = try PlatformKind.controlGroups.platform(in: folder)
    let candidate = try await platform.start(
      specification("trial-1", ["sleep", "1000"], in: folder))
    let record = try String(contentsOfFile: folder.path + "/running", encoding: .utf8)
    let groups = record.split(separator: "\n").map { String($0.dropFirst("group ".count)) }
    #expect(!groups.isEmpty)
    #expect(groups.allSatisfy { FileManager.default.fileExists(atPath: $0 + "/trial-1") })
    await candidate.stop()
    #expect(!groups.contains { FileManager.default.fileExists(atPath: $0 + "/trial-1") })
    await platform.close()
    #expect(!groups.contains { FileManager.default.fileExists(atPath: $0) })
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/running"))
  }
}
