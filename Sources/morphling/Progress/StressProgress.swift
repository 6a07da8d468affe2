import Foundation
import Reporting
import StressTest
import Synchronization
import Tuning

/// Shows a stress test while it goes on, on standard error: one line that changes in a terminal, a
/// line for each load elsewhere.
final class StressProgress: Sendable {
  private let isLive = Terminal.standardErrorIsTerminal
  /// What is being offered, in words.
  private let offered = Mutex("")

  func show(_ event: StressEvent) {
    switch event {
    case .waitingUntilReady: update("waiting for an answer")
    case .answered(let time):
      if time >= .seconds(1) {
        say("answered after \(Figure.duration(seconds: time.seconds))")
      }
    case .warmingUp(let rate): update("warming up at \(Figure.text(rate.perSecond)) req/s")
    case .offering(let probe):
      offered.withLock { $0 = Self.text(probe) }
      update(Self.text(probe))
    case .sending(let progress):
      update(Self.text(progress) + " · " + offered.withLock(\.self))
    case .measured(let step): say(Self.text(step))
    case .finished: break
    }
  }

  /// Leaves the terminal as it should be.
  func end() {
    if isLive { write("\r\u{1B}[K") }
  }

  private static func text(_ probe: LoadProbe) -> String {
    let load =
      probe.users.map { $0 == 1 ? "1 user" : "\($0) users" }
      ?? "\(Figure.text(probe.rate.perSecond)) req/s"
    return load + " for " + Figure.duration(seconds: probe.duration.seconds)
  }

  private static func text(_ progress: WindowProgress) -> String {
    let seconds = max(progress.elapsed.seconds, 1e-3)
    var parts = [
      Figure.duration(seconds: seconds.rounded()),
      "\(Figure.text(Double(progress.succeeded) / seconds)) req/s",
    ]
    if let p50 = progress.recentP50, let p99 = progress.recentP99 {
      parts.append("p50 \(Figure.text(p50)) ms, p99 \(Figure.text(p99)) ms")
    }
    parts.append("\(progress.inFlight) waiting")
    if progress.failed > 0 { parts.append("\(progress.failed) failed") }
    return parts.joined(separator: " · ")
  }

  private static func text(_ step: LoadStep) -> String {
    let errors = step.errors.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }
    return "\(Figure.text(step.offeredRate)) req/s \(step.holds ? "held" : "not held"): p50 "
      + "\(Figure.text(step.latencies.p50)) ms, p99 \(Figure.text(step.latencies.p99)) ms"
      + errors.joined()
  }

  private func update(_ text: String) {
    if isLive { write("\r\u{1B}[K" + text.prefix(max(Terminal.width - 1, 10))) }
  }

  private func say(_ text: String) {
    write((isLive ? "\r\u{1B}[K" : "") + text + "\n")
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
