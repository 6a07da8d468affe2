import CCurl
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
  /// The only ones that load goes to; none to ask for them with the first window.
  private let addresses: [HostAddress]
  /// The connections of the last window, until the next one takes them.
  private let idleWire = Mutex<SentWire?>(nil)
  private let lastComplaint = Mutex<String?>(nil)

  init(_ target: HTTPTarget, at addresses: [HostAddress]) {
    self.target = target
    self.addresses = addresses
  }

  /// Sends the window, or throws `CancellationError` soon after the task was cancelled.
  func send(_ window: LoadWindow) async throws -> LoadRecording {
    try Task.checkCancellation()
    let reusable = idleWire.withLock { wire in
      defer { wire = nil }
      return wire
    }
    let wire: SentWire
    if let reusable { wire = reusable } else { wire = try await opened() }
    let cancelled = CancellationFlag()
    let recording = await withTaskCancellationHandler {
      await onThread { [target] in
        Self.prepareThread()
        return WindowRun(window, over: wire.wire).recording(target: target) { cancelled.isSet }
      }
    } onCancel: {
      cancelled.set()
      wire.wire.wakeUp()
    }
    let complaint = wire.wire.complaint
    lastComplaint.withLock { $0 = complaint }
    idleWire.withLock { $0 = wire }
    guard let recording else { throw CancellationError() }
    return recording
  }

  private func opened() async throws(LoadGeneratorError) -> SentWire {
    let (target, given) = (target, addresses)
    // Asking for an address blocks.
    return try await onThread { () -> Result<SentWire, LoadGeneratorError> in
      do throws(LoadGeneratorError) {
        return .success(SentWire(wire: try Self.wire(to: target, at: given)))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  /// What the server said of the last request that it refused.
  var complaint: String? { lastComplaint.withLock { $0 } }

  private static func wire(
    to written: HTTPTarget, at given: [HostAddress]
  ) throws(LoadGeneratorError) -> any LoadWire {
    let target: HTTPTarget
    do throws(InferenceCallError) {
      target = try written.onWire()
    } catch {
      throw LoadGeneratorError("load over gRPC: \(error)")
    }
    let location: TargetLocation
    let addresses: [HostAddress]
    do throws(HostAddressError) {
      location = try TargetLocation(url: target.url)
      addresses = given.isEmpty ? try HostAddress.addresses(ofURL: target.url) : given
    } catch {
      throw LoadGeneratorError("\(error)", isUnresolved: true)
    }
    let context = location.isSecure ? try SecureContext(target.security, target.version) : nil
    let wire: (any LoadWire)? =
      switch target.version {
      case .http1:
        SocketWire(target, at: location, addresses: addresses, secureContext: context)
      case .http2:
        MultiplexWire(target, at: location, addresses: addresses, secureContext: context)
      }
    guard let wire else {
      throw LoadGeneratorError(
        "load for \(target.url): no memory or descriptors are left; free some or raise `ulimit -n`")
    }
    return wire
  }

  /// Sends one request now.
  func sendOne(timeout: Duration) async -> RequestResult {
    let window = LoadWindow(
      intendedStarts: [0], duration: .zero, timeout: timeout, outstandingMax: 1)
    do {
      return try await send(window).requests.first?.result ?? .otherFailure
    } catch let error as LoadGeneratorError {
      return error.isUnresolved ? .nameUnresolved : .otherFailure
    } catch {
      return .otherFailure
    }
  }

  /// For a thread that sends: it comes before others where that is allowed, its alarms are exact,
  /// and a connection that was closed is an error of the call, no signal.
  private static func prepareThread() {
    var parameters = sched_param()
    parameters.sched_priority = sched_get_priority_min(SCHED_RR)
    pthread_setschedparam(pthread_self(), SCHED_RR, &parameters)
    ccurl_set_timer_slack(1)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(Int32(SIG_BLOCK), &signals, nil)
  }
}

/// Passes a wire from the thread of one window to that of the next: one at a time has it.
private struct SentWire: @unchecked Sendable {
  let wire: any LoadWire
}

extension Endpoint {
  /// The target, over HTTP. Connections are kept open from one window to the next.
  ///
  /// - Parameter addresses: the only ones that load goes to, whatever the name may stand for
  ///   later; none to ask for them with the first window.
  package static func live(_ target: HTTPTarget, at addresses: [HostAddress] = []) -> Endpoint {
    let generator = LoadGenerator(target, at: addresses)
    var endpoint = Endpoint(
      sendOne: { await generator.sendOne(timeout: $0) },
      send: { try await generator.send($0) })
    endpoint.complaint = { generator.complaint }
    return endpoint
  }

  /// - Throws: where a file with certificates or a key can't be used.
  package static func checkFiles(of target: HTTPTarget) throws(LoadGeneratorError) {
    if target.url.lowercased().hasPrefix("https:") {
      _ = try SecureContext(target.security, target.version)
    }
  }
}

/// The generator could not set itself up.
package struct LoadGeneratorError: Error, Hashable, CustomStringConvertible {
  package let description: String
  /// Whether it is the target's name that stands for nothing.
  let isUnresolved: Bool

  init(_ description: String, isUnresolved: Bool = false) {
    self.description = description
    self.isUnresolved = isUnresolved
  }
}

/// Whether work was cancelled; set once, from any thread.
final class CancellationFlag: Sendable {
  private let flag = Atomic(false)
  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}
