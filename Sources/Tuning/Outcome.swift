/// What became of a trial. A failure is never a number.
package enum Outcome: Hashable, Sendable, Codable {
  /// It is still running.
  case pending
  case measured(Measurement)
  case infeasible(Infeasibility)
}

/// Why a configuration could not serve.
package struct Infeasibility: Hashable, Sendable, Codable {
  package enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
    /// The platform could not start or place it.
    case notStarted = "could not be started"
    /// The deadline passed before it answered a request.
    case neverReady = "never became ready"
    /// The server's process ended by itself.
    case exited = "exited"
    /// The kernel killed it for using more memory than its limit.
    case outOfMemory = "out of memory"
    /// It stopped answering under load.
    case hung = "hung under load"
    /// It answered, but not with what was asked for.
    case wrongAnswers = "answered wrongly"
    /// Not even the lowest load held the constraints.
    case constraintBroken = "broke a constraint at the lowest load"
  }

  /// What happened, in a few words: `exited while starting`, `never became ready`.
  package var summary: String {
    switch reason {
    case .exited, .outOfMemory, .wrongAnswers: "\(reason.rawValue) \(phase.rawValue)"
    case .notStarted, .neverReady, .hung, .constraintBroken: reason.rawValue
    }
  }

  /// Which of the two boundaries was crossed.
  package enum Phase: String, Hashable, Sendable, Codable {
    case starting = "while starting"
    case loaded = "under load"
  }

  package var reason: Reason
  package var phase: Phase
  /// One sentence: what was seen.
  package var detail: String
  package var lastLogLines: [String]
  /// What was measured before it failed.
  package var measurement: Measurement?
  /// Resources of the container of which no machine had as much free as was asked for, where the
  /// platform named them: every machine lacked one of them, or was out of the question anyway.
  package var scarceResources: [String]?

  package init(
    _ reason: Reason, _ phase: Phase, detail: String, lastLogLines: [String] = [],
    measurement: Measurement? = nil, scarceResources: [String]? = nil
  ) {
    self.reason = reason
    self.phase = phase
    self.detail = detail
    self.lastLogLines = lastLogLines
    self.measurement = measurement
    self.scarceResources = scarceResources
  }
}

extension Outcome {
  /// What was measured, be it before it failed.
  package var measurement: Measurement? {
    get {
      switch self {
      case .pending: nil
      case .measured(let measurement): measurement
      case .infeasible(let infeasibility): infeasibility.measurement
      }
    }
    set {
      switch self {
      case .pending: break
      case .measured: if let newValue { self = .measured(newValue) }
      case .infeasible(var infeasibility):
        infeasibility.measurement = newValue
        self = .infeasible(infeasibility)
      }
    }
  }

  /// Whether anything may be learnt from it; otherwise the trial is run again.
  package var isUsable: Bool { measurement?.isUsable ?? true }

  /// Why it should be taken with care, or not at all.
  package var doubts: [String] { measurement?.doubts ?? [] }
}
