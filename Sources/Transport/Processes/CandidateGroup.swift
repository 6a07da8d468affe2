import Glibc
import StressTest
import Tuning

/// The control groups of one candidate: its limits, what it uses, and a grip on all of its
/// processes.
struct CandidateGroup: Sendable {
  /// The period over which the CPU quota is enforced, in microseconds: Kubernetes' default.
  private static let period = 100_000

  private let run: RunGroup
  private let cpu: String
  private let cpuAccounting: String
  private let memory: String

  /// Makes the groups and sets the limits.
  init(
    named name: String, in run: RunGroup, cpuLimit: Double?, memoryLimit: ByteCount?
  ) throws(FileError) {
    self.run = run
    cpu = run.cpu + "/" + name
    cpuAccounting = run.cpuAccounting + "/" + name
    memory = run.memory + "/" + name
    // One that was left behind would count on from where it was.
    remove()
    for directory in directories { try RunGroup.makeDirectory(directory) }
    if let cpuLimit { try setCPULimit(cores: cpuLimit) }
    if let memoryLimit { try setMemoryLimit(memoryLimit) }
  }

  /// The files to which a process writes its identifier to be in all groups.
  var membershipFiles: [String] { directories.map { $0 + "/cgroup.procs" } }

  private var directories: [String] {
    run.version == .two ? [memory] : Set([memory, cpu, cpuAccounting]).sorted()
  }

  func remove() {
    for directory in directories { rmdir(directory) }
  }

  var processes: [Int32] { ControlFile.processes(in: memory + "/cgroup.procs") }

  /// Kills what is there now; what it starts meanwhile needs another call.
  func killAll() {
    if run.version == .two { try? ControlFile.write("1", to: memory + "/cgroup.kill") }
    for process in processes { kill(process, SIGKILL) }
  }
}

// MARK: - Limits

extension CandidateGroup {
  private func setCPULimit(cores: Double) throws(FileError) {
    let quota = Int((cores * Double(Self.period)).rounded())
    switch run.version {
    case .two: try ControlFile.write("\(quota) \(Self.period)", to: cpu + "/cpu.max")
    case .one:
      try ControlFile.write("\(Self.period)", to: cpu + "/cpu.cfs_period_us")
      try ControlFile.write("\(quota)", to: cpu + "/cpu.cfs_quota_us")
    }
  }

  /// Swap is closed to the candidate, as it is in a pod: what doesn't fit is killed.
  private func setMemoryLimit(_ limit: ByteCount) throws(FileError) {
    switch run.version {
    case .two:
      try ControlFile.write("\(limit.bytes)", to: memory + "/memory.max")
      try writeIfThere("0", to: memory + "/memory.swap.max")
      try writeIfThere("1", to: memory + "/memory.oom.group")
    case .one:
      try ControlFile.write("\(limit.bytes)", to: memory + "/memory.limit_in_bytes")
      try writeIfThere("\(limit.bytes)", to: memory + "/memory.memsw.limit_in_bytes")
      try writeIfThere("0", to: memory + "/memory.swappiness")
    }
  }

  private func writeIfThere(_ text: String, to path: String) throws(FileError) {
    if ControlFile.exists(path) { try ControlFile.write(text, to: path) }
  }
}

// MARK: - Accounts

extension CandidateGroup {
  /// What is used now; `memoryPeak` is the working set of this moment.
  var usage: Candidate.Usage {
    switch run.version {
    case .two:
      Candidate.Usage(
        memoryPeak: workingSet(of: "memory.current", without: "inactive_file"),
        cpu: microseconds("usage_usec"), throttled: microseconds("throttled_usec"),
        outOfMemoryKills: kills(in: "memory.events"))
    case .one:
      Candidate.Usage(
        memoryPeak: workingSet(of: "memory.usage_in_bytes", without: "total_inactive_file"),
        cpu: ControlFile.number(in: cpuAccounting + "/cpuacct.usage").map { .nanoseconds($0) },
        throttled: ControlFile.number("throttled_time", in: cpu + "/cpu.stat")
          .map { .nanoseconds($0) },
        outOfMemoryKills: kills(in: "memory.oom_control"))
    }
  }

  /// As the kubelet counts: all that is charged, less the file cache that can be dropped at once.
  private func workingSet(of file: String, without key: String) -> ByteCount? {
    guard let charged = ControlFile.number(in: memory + "/" + file),
      let droppable = ControlFile.number(key, in: memory + "/memory.stat")
    else { return nil }
    return ByteCount(max(charged - droppable, 0))
  }

  private func microseconds(_ key: String) -> Duration? {
    ControlFile.number(key, in: cpu + "/cpu.stat").map { .microseconds($0) }
  }

  private func kills(in file: String) -> Int? {
    ControlFile.number("oom_kill", in: memory + "/" + file).map { Int($0) }
  }
}
