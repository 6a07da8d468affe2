import CCurl
import Foundation
import Glibc
import Synchronization

/// A program that we start, listen to and see to its end.
///
/// Not Foundation's `Process`: that learns of an end from a descriptor that other processes inherit
/// if they are started at the same time, and then it waits for these as well. Nothing of ours is
/// inherited here, and every wait has an end.
package final class ChildProcess: Sendable {
  package enum Input: Sendable {
    case nothing
    /// At most what a pipe holds, 64 KiB.
    case bytes([UInt8])
    /// Nothing, and its end when this object goes.
    case untilWeEnd
  }

  package enum Output: Sendable {
    case nothing
    /// To be read with ``ChildProcess/output(until:)``.
    case pipe
    case file(String)
  }

  package let identifier: Int32
  private let input: Descriptor?
  private let output: Descriptor?
  private let ended = Mutex<ExitStatus?>(nil)

  /// - Parameters:
  ///   - words: the program, a path or a name to be looked up in `PATH`, and its arguments. Without
  ///     such a program it ends with status 127.
  ///   - environment: all of its variables.
  ///   - directory: where it runs; nil for here.
  package init(
    _ words: [String], environment: [String: String] = ProcessInfo.processInfo.environment,
    directory: String? = nil, input: Input = .nothing, output: Output = .nothing,
    errors: Output = .nothing
  ) throws(ProcessError) {
    let name = words.first ?? "nothing"
    do {
      let source = try Self.source(input)
      let target = try Self.target(output)
      let other = try Self.target(errors)
      self.input = source.ours
      self.output = target.ours
      identifier = try Spawn(
        executable: "/usr/bin/env", arguments: words, environment: environment,
        input: source.theirs?.number, output: target.theirs?.number,
        errors: other.theirs?.number, directory: directory
      ).start()
    } catch {
      throw .notStarted(name: name, code: error.code)
    }
  }

  deinit {
    kill()
    _ = ending(until: .now + .seconds(10))
  }

  /// How it ended; nil while it runs.
  package var ending: ExitStatus? {
    ended.withLock { ended in
      if ended != nil { return ended }
      var status: Int32 = 0
      if waitpid(identifier, &status, WNOHANG) == identifier { ended = ExitStatus(status) }
      return ended
    }
  }

  package var isRunning: Bool { ending == nil }

  /// Blocks until it has ended; nil if it hasn't by then.
  package func ending(until end: ContinuousClock.Instant) -> ExitStatus? {
    while true {
      if let ending { return ending }
      if ContinuousClock.now >= end { return nil }
      usleep(5_000)
    }
  }

  /// To it alone, if it still runs.
  package func send(_ signal: Int32) {
    ended.withLock { ended in if ended == nil { _ = Glibc.kill(identifier, signal) } }
  }

  /// Ends it with its whole session, if it still runs: after that its number may be another's.
  package func kill() {
    ended.withLock { ended in if ended == nil { _ = Glibc.kill(-identifier, SIGKILL) } }
  }
}

// MARK: - Output

extension ChildProcess {
  /// Blocks for all that it prints until its end, or until then: what a process prints that it
  /// leaves behind doesn't count.
  package func output(until end: ContinuousClock.Instant) -> [UInt8] {
    var bytes: [UInt8] = []
    while ContinuousClock.now < end {
      let hasEnded = !isRunning
      guard let more = nextOutput(within: .milliseconds(50)) else {
        if hasEnded { break }
        continue
      }
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// Blocks for the first line that it prints, which may come in pieces, without its end; what there
  /// is of it by then.
  package func firstLine(until end: ContinuousClock.Instant) -> String {
    var bytes: [UInt8] = []
    while !bytes.contains(0x0A), ContinuousClock.now < end {
      guard let more = nextOutput(within: .milliseconds(50)) else { continue }
      if more.isEmpty { break }
      bytes += more
    }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  /// Blocks for what it prints next: empty at the end, nil if there was nothing in that time.
  private func nextOutput(within time: Duration) -> [UInt8]? {
    guard let output else { return [] }
    var request = pollfd(fd: output.number, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, Int32(time / .milliseconds(1))) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(output.number, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : []
  }
}

// MARK: - Ends of pipes

extension ChildProcess {
  private typealias Ends = (theirs: Descriptor?, ours: Descriptor?)

  private static func source(_ input: Input) throws(SpawnError) -> Ends {
    switch input {
    case .nothing: return (nil, nil)
    case .untilWeEnd:
      let (reading, writing) = try Descriptor.pipe()
      return (reading, writing)
    case .bytes(let bytes):
      let (reading, writing) = try Descriptor.pipe()
      guard write(writing.number, bytes, bytes.count) == bytes.count else {
        throw SpawnError(code: errno)
      }
      return (reading, nil)
    }
  }

  private static func target(_ output: Output) throws(SpawnError) -> Ends {
    switch output {
    case .nothing: return (nil, nil)
    case .pipe:
      let (reading, writing) = try Descriptor.pipe()
      return (writing, reading)
    case .file(let path):
      let number = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard number >= 0 else { throw SpawnError(code: errno) }
      return (Descriptor(number), nil)
    }
  }
}

/// A descriptor that closes by itself.
private final class Descriptor: Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  static func pipe() throws(SpawnError) -> (reading: Descriptor, writing: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw SpawnError(code: errno) }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }
}
