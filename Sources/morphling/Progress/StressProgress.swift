import Foundation
import Reporting
import StressTest
import Tuning

/// Shows a stress test while it goes on, on standard error: one line that changes in a terminal, a
/// line for each load elsewhere.
final class StressProgress: Sendable {
  private let isLive = Terminal.standardErrorIsTerminal

  func show(_ event: StressEvent) {
    switch event {
    case .waitingUntilReady: update("waiting for an answer")
    case .answered(let time):
      if time >= .seconds(1) {
        say("answered after \(Figure.duration(seconds: time.seconds))")
      }
    case .warmingUp(let rate): update("warming up at \(Figure.text(rate.perSecond)) req/s")
    case .offering(let probe):
      update(
        "\(Figure.text(probe.rate.perSecond)) req/s for "
          + Figure.duration(seconds: probe.duration.seconds))
    case .measured(let step): say(Self.text(step))
    case .finished: break
    }
  }

  /// Leaves the terminal as it should be.
  func end() {
    if isLive { write("\r\u{1B}[K") }
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
