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

    package init(
      memoryPeak: ByteCount? = nil, cpu: Duration? = nil, throttled: Duration? = nil,
      outOfMemoryKills: Int? = nil
    ) {
      self.memoryPeak = memoryPeak
      self.cpu = cpu
      self.throttled = throttled
      self.outOfMemoryKills = outOfMemoryKills
    }
  }

  package var state: @Sendable () async -> State
  package var usage: @Sendable () async -> Usage
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
}
