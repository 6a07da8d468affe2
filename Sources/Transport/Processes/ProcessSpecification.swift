package import StressTest
package import Tuning

/// A candidate as a process of this machine: what to run, within which limits, and how to tell
/// that it serves.
package struct ProcessSpecification: Sendable {
  /// How to tell that it is ready to serve.
  package enum Readiness: Hashable, Sendable {
    /// A GET of the address is answered with a status from 200 to 399, as the kubelet has it.
    case httpGet(url: String)
    /// The port of 127.0.0.1 accepts connections.
    case tcp(port: Int)
  }

  /// Unique within the run, and a file name: `trial-7`.
  package var name: String
  /// A path, or a name that is looked up in `PATH`.
  package var executable: String
  package var arguments: [String]
  /// Variables besides the few that are passed on from our own environment.
  package var environment: [String: String]
  package var workingDirectory: String
  /// In cores; nil for no limit.
  package var cpuLimit: Double?
  package var memoryLimit: ByteCount?
  package var readiness: Readiness
  /// Gets what it writes to its standard output and standard error.
  package var logFile: String
  package var target: HTTPTarget

  package init(
    name: String, executable: String, arguments: [String] = [],
    environment: [String: String] = [:], workingDirectory: String, cpuLimit: Double? = nil,
    memoryLimit: ByteCount? = nil, readiness: Readiness, logFile: String, target: HTTPTarget
  ) {
    self.name = name
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.cpuLimit = cpuLimit
    self.memoryLimit = memoryLimit
    self.readiness = readiness
    self.logFile = logFile
    self.target = target
  }
}

extension ProcessSpecification {
  /// The variables of our own environment that a candidate gets too.
  static let passedOn = ["PATH", "HOME", "LANG", "TMPDIR"]
  /// The least CPU limit, in cores: the kernel's least quota is 1 ms in a period of 100 ms.
  static let cpuLeast = 0.01
  /// The least memory limit: below it not even a shell starts.
  static let memoryLeast = ByteCount(4 << 20)

  /// All variables that it gets, of which its own come first.
  func completeEnvironment(inheriting ours: [String: String]) -> [String: String] {
    let inherited = ours.filter { Self.passedOn.contains($0.key) }
    return inherited.merging(environment) { _, own in own }
  }

  /// Refuses limits that no process can live with.
  func checkLimits() throws(ProcessError) {
    if let cpuLimit, !(cpuLimit >= Self.cpuLeast && cpuLimit.isFinite) {
      throw .limitTooSmall(name: name, found: "a CPU limit of \(cpuLimit) cores", needed: "0.01")
    }
    if let memoryLimit, memoryLimit < Self.memoryLeast {
      throw .limitTooSmall(
        name: name, found: "a memory limit of \(memoryLimit.bytes) bytes", needed: "4Mi")
    }
  }
}
