import Foundation
import StressTest
import Testing
import Transport
import Tuning

/// Version 2, and the lack of any right, against files that stand in for the kernel's.
@Suite(.timeLimit(.minutes(1)))
struct ControlGroupTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let own = "/sys/fs/cgroup/user.slice"

  /// The files of a machine with version 2 only, of which our group is `user.slice`.
  private func makeVersionTwo(controllers: String = "cpuset cpu io memory pids") throws {
    _ = try folder.file(
      "proc/self/mountinfo",
      """
      24 1 8:1 / / rw - ext4 /dev/sda1 rw
      35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate

      """)
    _ = try folder.file("proc/self/cgroup", "0::/user.slice\n")
    let run = Self.own + "/morphling-test"
    for group in ["/sys/fs/cgroup", Self.own, run] {
      _ = try folder.file(group + "/cgroup.controllers", controllers + "\n")
      _ = try folder.file(group + "/cgroup.subtree_control")
    }
    let files = [
      "cgroup.procs": "", "cgroup.kill": "", "cpu.max": "max 100000", "memory.max": "max",
      "memory.swap.max": "max", "memory.oom.group": "0", "memory.current": "5000000\n",
      "memory.stat": "anon 3000000\ninactive_file 1000000\n",
      "cpu.stat": "usage_usec 2500000\nnr_throttled 3\nthrottled_usec 1200000\n",
      "memory.events": "low 0\noom 2\noom_kill 1\n",
    ]
    for (name, content) in files { _ = try folder.file(run + "/trial-1/" + name, content) }
  }

  private func content(_ path: String) throws -> String {
    try String(contentsOfFile: folder.path + Self.own + "/morphling-test" + path, encoding: .utf8)
  }

  private func platform() throws -> ProcessPlatform {
    try ProcessPlatform(
      runIdentifier: "test", folder: folder.path, systemRoot: folder.path)
  }

  @Test func `version 2 gets the limits in its own notation`() async throws {
    try makeVersionTwo()
    let platform = try platform()
    #expect(platform.isolation == .controlGroupsV2)
    #expect(platform.isolation.difference == nil)
    let candidate = try await platform.start(
      specification(
        "trial-1", ["sleep", "1000"], in: folder, cpuLimit: 1.5, memoryLimit: ByteCount(64 << 20)))
    #expect(try content("/cgroup.subtree_control") == "+cpu +memory")
    #expect(try content("/trial-1/cpu.max") == "150000 100000")
    #expect(try content("/trial-1/memory.max") == "67108864")
    #expect(try content("/trial-1/memory.swap.max") == "0")
    #expect(try content("/trial-1/memory.oom.group") == "1")
    #expect(
      await candidate.usage()
        == Candidate.Usage(
          memoryPeak: ByteCount(4_000_000), cpu: .milliseconds(2_500),
          throttled: .milliseconds(1_200), outOfMemoryKills: 1))
    // A plain file doesn't forget who joined.
    try await eventually("it joins its group") {
      try !content("/trial-1/cgroup.procs").isEmpty
    }
    let member = try #require(
      Int32(try content("/trial-1/cgroup.procs").trimmingCharacters(in: .newlines)))
    _ = try folder.file(Self.own + "/morphling-test/trial-1/cgroup.procs")
    await candidate.stop()
    #expect(!isAlive(member))
    await platform.close()
  }

  @Test func `without the controllers there is no isolation, and the report says why`() throws {
    try makeVersionTwo(controllers: "hugetlb")
    let difference = try #require(try platform().isolation.difference)
    #expect(difference.contains("the cpu controller: could not be found mounted"))
    #expect(difference.contains("systemd-run --user --scope"))
  }

  @Test func `without the right to make groups there is no isolation`() throws {
    try makeVersionTwo()
    // A file where the group would be: the same refusal for everyone, root too.
    try FileManager.default.removeItem(
      atPath: folder.path + Self.own + "/morphling-test")
    _ = try folder.file(Self.own + "/morphling-test")
    try FileManager.default.removeItem(
      atPath: folder.path + "/sys/fs/cgroup/cgroup.subtree_control")
    guard case .perProcess(let reason) = try platform().isolation else {
      Issue.record("groups were made where none can be")
      return
    }
    #expect(reason.contains("cgroup.subtree_control: could not be opened"))
  }
}
