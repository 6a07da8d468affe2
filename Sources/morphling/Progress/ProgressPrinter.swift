import BayesianOptimization
import Controllers
import CustomResources
import Foundation
import Kubernetes
import Reporting
import Synchronization
import Tuning

/// Shows a run while it goes on: events to standard error, or as JSON to standard output.
final class ProgressPrinter: Sendable {
  private enum Style { case live, plain, json }

  private let style: Style
  private let status: Mutex<StatusLine>

  init(_ style: ProgressStyle) {
    self.style =
      switch style {
      case .auto: Terminal.standardErrorIsTerminal ? .live : .plain
      case .plain: .plain
      case .json: .json
      }
    status = Mutex(StatusLine())
  }

  /// - Parameter results: where they will be; nil where nobody waits for them.
  func begin(_ definition: ExperimentDefinition, warnings: [Problem], results: String?) {
    let space = definition.space
    if let text = definition.derivedText {
      say("No experiment was given; this one is derived from the Inference:\n\n\(text)")
    }
    for warning in warnings { say("warning: \(warning)") }
    let parameters = space.parameters.map { "\($0.name) (\($0.domain.levels.count))" }
    let bounds = definition.constraints.map(\.description)
    say(
      """
      Tuning \(definition.name): \(definition.objective)
        subject to  \(bounds.isEmpty ? "no constraint" : bounds.joined(separator: ", "))
        parameters  \(parameters.joined(separator: ", "))
        space       \(space.count) configurations, at most \(definition.limits.trialsMax) trials
      """)
    if let results { say("  results     \(results)") }
  }

  /// - Parameters:
  ///   - wasThere: before it was asked for.
  ///   - follow: commands for what is to come.
  func submit(_ key: ObjectKey, wasThere: Bool, follow: [String], isAwaited: Bool) {
    if style == .json {
      emit([
        "event": "submitted", "namespace": JSON(key.namespace), "experiment": .string(key.name),
        "was_there": .bool(wasThere),
      ])
    }
    let commands = follow.map { "  \($0)" }.joined(separator: "\n")
    say(
      "ProfilingExperiment \(key) " + (wasThere ? "was there already" : "was made")
        + (isAwaited ? "." : "; a daemon in the cluster takes it up.") + "\n\(commands)")
  }

  /// - Parameter finished: trials that were measured before; nil for a new search.
  func resume(finished: Int?) {
    guard let finished else { return }
    say("Resuming with \(finished) measured \(finished == 1 ? "trial" : "trials").")
  }

  func note(_ sentence: String) { say("note: \(sentence)") }

  func show(_ event: ExperimentEvent) {
    if style == .json {
      emit(ProgressEvent(event).json)
      return
    }
    switch event {
    case .trialStarted(let ordinal, let configuration):
      if style == .plain { say("trial \(ordinal) starts: \(configuration)") }
      update(ordinal, "starting")
    case .trialProgressed(let ordinal, let progress): update(ordinal, Self.text(progress))
    case .trialFinished(let ordinal, let study):
      status.withLock { $0.remove(ordinal) }
      say(TrialLine(ordinal, study).text)
      redraw()
    case .concluded(let reason): say("The search is over: \(reason.rawValue).")
    }
  }

  func conclude(_ files: ReportFiles) {
    if style == .json {
      emit([
        "event": "report", "directory": .string(files.folder),
        "recommended": JSON(files.report.recommendation != nil),
      ])
    } else {
      print()
      files.show()
    }
  }

  /// Leaves the terminal as it should be.
  func end() {
    if style == .live { write("\r\u{1B}[K") }
  }

  private static func text(_ progress: TrialProgress) -> String {
    switch progress {
    case .starting: "starting"
    case .waiting(let words): words
    case .warmingUp: "warming up"
    case .loading(let rate): "load \(Figure.text(rate.perSecond)) req/s"
    case .loaded(let step):
      "\(Figure.text(step.offeredRate)) req/s \(step.holds ? "held" : "not held"), p99 "
        + "\(Figure.text(step.latencies.p99)) ms"
    }
  }

  private func update(_ ordinal: Int, _ text: String) {
    status.withLock { $0.set(ordinal, text) }
    redraw()
  }

  private func redraw() {
    guard style == .live else { return }
    let line = status.withLock { $0.text(width: Terminal.width - 1) }
    write("\r\u{1B}[K" + line)
  }

  private func say(_ text: String) {
    guard style != .json else { return }
    write((style == .live ? "\r\u{1B}[K" : "") + text + "\n")
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func emit(_ event: JSON) {
    FileHandle.standardOutput.write(Data((event.line + "\n").utf8))
  }
}

/// What the running trials are doing, on one line.
private struct StatusLine {
  private var texts: [Int: String] = [:]

  mutating func set(_ ordinal: Int, _ text: String) { texts[ordinal] = text }
  mutating func remove(_ ordinal: Int) { texts[ordinal] = nil }

  func text(width: Int) -> String {
    let parts = texts.sorted { $0.key < $1.key }.map { "trial \($0.key): \($0.value)" }
    return String(parts.joined(separator: " · ").prefix(max(width, 10)))
  }
}
