import Foundation
import Glibc
import StressTest
import Synchronization
import Tuning

/// A candidate that runs as a process of this machine, with whatever it starts itself.
final class CandidateProcess: Sendable {
  /// What holds its processes together.
  enum Enclosure: Sendable {
    case group(CandidateGroup)
    case session(ProcessSession)
  }

  /// How long it may take to end by itself when asked to.
  private static let grace: Duration = .seconds(2)
  /// How long the kernel may take to end what was killed.
  private static let killDeadline: Duration = .seconds(10)
  private static let sampleInterval: UInt32 = 200_000

  let process: Int32
  private let enclosure: Enclosure
  private let specification: ProcessSpecification
  /// How the main process ended; nil while it runs.
  private let ending = Mutex<String?>(nil)
  private let account = Mutex(Account())

  /// What is known of its use of resources.
  private struct Account {
    var usage = Candidate.Usage()
    /// Set when its groups are gone: there is nothing left to read.
    var isClosed = false
  }

  init(process: Int32, enclosure: Enclosure, specification: ProcessSpecification) {
    self.process = process
    self.enclosure = enclosure
    self.specification = specification
    startSampling()
  }

  /// The candidate as the stress test sees it.
  var candidate: Candidate {
    Candidate(
      state: { await self.state() },
      usage: { self.usage() },
      lastLogLines: { [path = specification.logFile] in LogFile.lastLines($0, of: path) },
      stop: { await self.stop() },
      endpoint: .live(specification.target))
  }
}

// MARK: - State

extension CandidateProcess {
  private func state() async -> Candidate.State {
    if let ending = reap() { return .ended(ending) }
    let isReady = await probe()
    // It may have ended meanwhile, and another have taken its port.
    if let ending = reap() { return .ended(ending) }
    return isReady ? .ready : .starting
  }

  private func probe() async -> Bool {
    switch specification.readiness {
    case .httpGet(let url):
      let status = await HTTPProbe.get(url: url, timeout: .seconds(1))
      return status.map { (200..<400).contains($0) } ?? false
    case .tcp(let port): return await TCPProbe.accepts(port: port)
    }
  }

  /// How the main process ended; nil while it runs.
  @discardableResult
  private func reap() -> String? {
    ending.withLock { ending in
      if ending != nil { return ending }
      var status: Int32 = 0
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { ending = ExitStatus(status).description }
      if ended < 0, errno == ECHILD { ending = "unknown exit status" }
      return ending
    }
  }
}

// MARK: - Usage

extension CandidateProcess {
  private func usage() -> Candidate.Usage {
    account.withLock { account in
      if !account.isClosed { account.usage = account.usage.raised(to: readUsage()) }
      return account.usage
    }
  }

  private func readUsage() -> Candidate.Usage {
    switch enclosure {
    case .group(let group): group.usage
    case .session(let session): session.usage
    }
  }

  /// Looks at its memory again and again, from a thread that no computation of ours holds up.
  private func startSampling() {
    let thread = Thread { [weak self] in
      while let isClosed = self?.sample(), !isClosed { usleep(Self.sampleInterval) }
    }
    thread.name = "usage"
    thread.start()
  }

  private func sample() -> Bool {
    _ = usage()
    return account.withLock { $0.isClosed }
  }
}

// MARK: - Stopping

extension CandidateProcess {
  /// Asks it to end, then makes all of it end. Not cut short by cancellation: what was started
  /// must be stopped.
  func stop() async {
    await Task { await stopAll() }.value
  }

  private func stopAll() async {
    _ = usage()
    signalMainGroup(SIGTERM)
    if await !isGone(within: Self.grace) {
      _ = usage()
      _ = await isGone(within: Self.killDeadline) { self.killAll() }
    }
    close()
  }

  /// Waits until no process is left; false when that takes too long.
  private func isGone(
    within limit: Duration, meanwhile action: () -> Void = {}
  ) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
      action()
      if reap() != nil, remaining.isEmpty { return true }
      guard ContinuousClock.now < deadline else { return false }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  private var remaining: [Int32] {
    switch enclosure {
    case .group(let group): group.processes
    case .session(let session): session.members.map(\.process)
    }
  }

  private func killAll() {
    signalMainGroup(SIGKILL)
    switch enclosure {
    case .group(let group): group.killAll()
    case .session(let session): for entry in session.members { kill(entry.process, SIGKILL) }
    }
  }

  /// Only while the main process isn't reaped is its identifier sure to be its own.
  private func signalMainGroup(_ signal: Int32) {
    ending.withLock { ending in
      if ending == nil { _ = kill(-process, signal) }
    }
  }

  /// Takes the last reading and gives the groups back.
  private func close() {
    account.withLock { account in
      guard !account.isClosed else { return }
      account.usage = account.usage.raised(to: readUsage())
      account.isClosed = true
      if case .group(let group) = enclosure { group.remove() }
    }
  }
}
