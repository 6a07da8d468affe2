import Foundation
package import StressTest
import Synchronization

extension Candidate {
  /// A server that somebody else started and will stop: all that is known of it are its answers.
  /// That it ended shows in its failing to answer.
  ///
  /// - Parameters:
  ///   - target: its request also finds out whether the server is ready, which it is as soon as
  ///     it answers with anything but "not now" (502, 503, 504). What no waiting mends, such as a
  ///     certificate that isn't trusted, shows in the first request.
  ///   - addresses: the only ones that are used, whatever the name may stand for later.
  ///   - timeout: how long one answer may take.
  ///   - usage: what is known of its use of resources; nil for nothing.
  package static func probed(
    _ target: HTTPTarget, at addresses: [HostAddress], timeout: Duration,
    usage: PrometheusUsage? = nil
  ) -> Candidate {
    let hasAnswered = AnsweredFlag()
    var candidate = Candidate(
      state: {
        // Once it has answered there are better witnesses than a probe amid the load.
        if hasAnswered.isSet { return .ready }
        let answer = await answerUnlessCancelled {
          HTTPProbe.answer(of: target.readinessRequest, at: addresses, timeout)
        }
        guard let answer, !isNotYet(answer.status, answer.result) else { return .starting }
        hasAnswered.set()
        return .ready
      },
      usage: { usage?.usage ?? Usage() },
      lastLogLines: { _ in [] },
      stop: {},
      endpoint: .live(target, at: addresses))
    candidate.isUsageLate = true
    return candidate
  }
}

/// Whether an answer, or none, means that a server may still become ready.
private func isNotYet(_ status: Int, _ result: RequestResult) -> Bool {
  switch result {
  case .connectionRefused, .connectionLost, .timedOut, .nameUnresolved, .resourcesExhausted,
    .otherFailure, .rpcUnavailable:
    true
  case .statusNotOK: (502...504).contains(status)
  case .success, .redirected, .wrongContent, .malformed, .tooLong, .secureChannelFailed,
    .errorInStream, .rpcInvalidArgument, .rpcNotFound, .rpcResourceExhausted, .rpcUnimplemented,
    .rpcFailed:
    false
  }
}

private final class AnsweredFlag: Sendable {
  private let flag = Atomic(false)
  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}

/// Runs blocking work on a thread of its own; nil at once when the task is cancelled, and the work
/// then ends unheard.
private func answerUnlessCancelled<Value: Sendable>(
  _ work: @escaping @Sendable () -> Value?
) async -> Value? {
  let answer = Answer<Value>()
  return await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      answer.wanted(by: continuation)
      Thread { answer.give(work()) }.start()
    }
  } onCancel: {
    answer.give(nil)
  }
}

/// Passes the first value that is given on to whoever waits, before or after.
private final class Answer<Value: Sendable>: Sendable {
  private enum State {
    case open
    case wanted(CheckedContinuation<Value?, Never>)
    case given
  }

  private let state = Mutex(State.open)

  func wanted(by continuation: CheckedContinuation<Value?, Never>) {
    let isLate = state.withLock { state in
      if case .given = state { return true }
      state = .wanted(continuation)
      return false
    }
    // Only a cancellation can come before the work begins.
    if isLate { continuation.resume(returning: nil) }
  }

  func give(_ value: Value?) {
    let continuation: CheckedContinuation<Value?, Never>? = state.withLock { state in
      defer { state = .given }
      if case .wanted(let continuation) = state { return continuation }
      return nil
    }
    continuation?.resume(returning: value)
  }
}
