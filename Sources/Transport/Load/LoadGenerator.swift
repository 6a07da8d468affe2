import Foundation
import Glibc
package import StressTest
import Synchronization
import Tuning

/// Sends windows to one target, each from a thread of its own.
///
/// The thread asks for the lowest real-time priority and does without where that isn't allowed:
/// with it, a candidate that uses all cores can't delay the requests that measure it.
final class LoadGenerator: Sendable {
  private let target: HTTPTarget
  /// The session of the last window, until the next one takes it.
  private let idleSession = Mutex<LoadSession?>(nil)

  init(_ target: HTTPTarget) { self.target = target }

  /// Sends the window, or throws `CancellationError` soon after the task was cancelled.
  func send(_ window: LoadWindow) async throws -> LoadRecording {
    try Task.checkCancellation()
    let reusable = idleSession.withLock { session in
      defer { session = nil }
      return session
    }
    guard let session = reusable ?? LoadSession(target) else {
      throw LoadGeneratorError(url: target.url)
    }
    let cancelled = CancellationFlag()
    let recording = await withTaskCancellationHandler {
      await onThread { [target] in
        WindowRun(window, over: session).recording(target: target) { cancelled.isSet }
      }
    } onCancel: {
      cancelled.set()
      session.wakeUp()
    }
    idleSession.withLock { $0 = session }
    guard let recording else { throw CancellationError() }
    return recording
  }

  /// Sends one request now.
  func sendOne(timeout: Duration) async -> RequestResult {
    let window = LoadWindow(
      intendedStarts: [0], duration: .zero, timeout: timeout, outstandingMax: 1)
    let recording = try? await send(window)
    return recording?.requests.first?.result ?? .otherFailure
  }

  private func onThread(
    _ work: @escaping @Sendable () -> LoadRecording?
  ) async -> LoadRecording? {
    await withCheckedContinuation { continuation in
      let thread = Thread {
        Self.raisePriority()
        continuation.resume(returning: work())
      }
      thread.name = "load"
      thread.start()
    }
  }

  private static func raisePriority() {
    var parameters = sched_param()
    parameters.sched_priority = sched_get_priority_min(SCHED_RR)
    pthread_setschedparam(pthread_self(), SCHED_RR, &parameters)
  }
}

extension Endpoint {
  /// The target, over HTTP. Connections are kept open from one window to the next.
  package static func live(_ target: HTTPTarget) -> Endpoint {
    let generator = LoadGenerator(target)
    return Endpoint(
      sendOne: { await generator.sendOne(timeout: $0) },
      send: { try await generator.send($0) })
  }
}

/// The generator could not set itself up.
package struct LoadGeneratorError: Error, Hashable, CustomStringConvertible {
  package let url: String
  package var description: String {
    "load for \(url): libcurl has no memory or descriptors left; free some or raise `ulimit -n`"
  }
}

/// Whether work was cancelled; set once, from any thread.
final class CancellationFlag: Sendable {
  private let flag = Atomic(false)
  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}
