import Dispatch
import Glibc

/// Turns the signals by which a user or a system ends a program into cancellation, so that
/// candidates are stopped and files closed.
struct Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Runs the work; a signal cancels it.
  func watching<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    let sources = Self.signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { task.cancel() }
      source.resume()
      return source
    }
    defer {
      for (source, number) in zip(sources, Self.signals) {
        source.cancel()
        signal(number, SIG_DFL)
      }
    }
    return try await task.value
  }
}
