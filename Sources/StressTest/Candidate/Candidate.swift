package import Tuning

/// A server under test, started for one trial: a struct of closures, live or simulated.
package struct Candidate: Sendable {
  package enum State: Hashable, Sendable {
    case starting
    /// Its readiness probe succeeds (or it has none and its port accepts connections).
    case ready
    /// Its main process ended by itself; the text says how: `exit status 1`, `signal 9`.
    case ended(String)
  }

  /// What it used since it was started. What the platform can't tell is nil, never 0.
  package struct Usage: Hashable, Sendable {
    package var memoryPeak: ByteCount?
    package var cpu: Duration?
    /// CPU time that it was kept from by its limit.
    package var throttled: Duration?
    /// Processes that the kernel killed for want of memory.
    package var outOfMemoryKills: Int?
    /// Of all of its GPUs.
    package var gpuMemoryPeak: ByteCount?
    /// The mean over time and GPUs.
    package var gpuUtilization: Share?

    package init(
      memoryPeak: ByteCount? = nil, cpu: Duration? = nil, throttled: Duration? = nil,
      outOfMemoryKills: Int? = nil, gpuMemoryPeak: ByteCount? = nil,
      gpuUtilization: Share? = nil
    ) {
      self.memoryPeak = memoryPeak
      self.cpu = cpu
      self.throttled = throttled
      self.outOfMemoryKills = outOfMemoryKills
      self.gpuMemoryPeak = gpuMemoryPeak
      self.gpuUtilization = gpuUtilization
    }

    /// The greater of each, and the later of what isn't a peak or a sum: a reading never takes back
    /// what an earlier one saw.
    package func raised(to other: Usage) -> Usage {
      Usage(
        memoryPeak: Self.greater(memoryPeak, other.memoryPeak),
        cpu: Self.greater(cpu, other.cpu), throttled: Self.greater(throttled, other.throttled),
        outOfMemoryKills: Self.greater(outOfMemoryKills, other.outOfMemoryKills),
        gpuMemoryPeak: Self.greater(gpuMemoryPeak, other.gpuMemoryPeak),
        gpuUtilization: other.gpuUtilization ?? gpuUtilization)
    }

    private static func greater<Value: Comparable>(_ left: Value?, _ right: Value?) -> Value? {
      guard let left, let right else { return left ?? right }
      return max(left, right)
    }
  }

  package var state: @Sendable () async -> State
  package var usage: @Sendable () async -> Usage
  /// Whether what it used is known late, so that it can't be told for a single load step.
  package var isUsageLate = false
  /// The last lines of its output, oldest first.
  package var lastLogLines: @Sendable (_ count: Int) async -> [String]
  /// Ends all of its processes, by force if need be, and returns when none is left.
  package var stop: @Sendable () async -> Void
  package var endpoint: Endpoint

  package init(
    state: @escaping @Sendable () async -> State,
    usage: @escaping @Sendable () async -> Usage,
    lastLogLines: @escaping @Sendable (_ count: Int) async -> [String],
    stop: @escaping @Sendable () async -> Void,
    endpoint: Endpoint
  ) {
    self.state = state
    self.usage = usage
    self.lastLogLines = lastLogLines
    self.stop = stop
    self.endpoint = endpoint
  }

  /// The CPU time that it used until this moment; nil where that isn't known at once.
  func cpuByNow() async -> Duration? { isUsageLate ? nil : await usage().cpu }
}
