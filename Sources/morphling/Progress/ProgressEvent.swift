import Controllers
import Reporting
import Tuning

/// An event as a JSON object, for programs that watch a run.
struct ProgressEvent {
  let json: JSON

  init(_ event: ExperimentEvent) {
    switch event {
    case .trialStarted(let ordinal, let configuration):
      json = [
        "event": "trial-started", "trial": .integer(ordinal),
        "configuration": Self.json(configuration),
      ]
    case .trialProgressed(let ordinal, let progress):
      json = [
        "event": "trial-progressed", "trial": .integer(ordinal), "progress": Self.json(progress),
      ]
    case .trialFinished(let ordinal, let study):
      json = Self.json(ordinal, study)
    case .concluded(let reason):
      json = ["event": "concluded", "reason": .string(reason.rawValue)]
    }
  }

  private static func json(_ configuration: Configuration) -> JSON {
    .object(
      configuration.assignments.map {
        JSON.Member(key: $0.name.text, value: .string($0.level.text))
      })
  }

  private static func json(_ progress: TrialProgress) -> JSON {
    switch progress {
    case .starting: ["phase": "starting"]
    case .waiting(let words): ["phase": "waiting", "message": .string(words)]
    case .warmingUp: ["phase": "warming-up"]
    case .loading(let rate): ["phase": "loading", "offered_rps": .number(rate.perSecond)]
    case .loaded(let step):
      [
        "phase": "loaded", "offered_rps": .number(step.offeredRate),
        "latency_p99_ms": JSON(step.latencies.p99), "holds": .bool(step.holds),
      ]
    }
  }

  private static func json(_ ordinal: Int, _ study: Study) -> JSON {
    guard let trial = study.trials.first(where: { $0.ordinal == ordinal }) else { return .null }
    var reason: String?
    if case .infeasible(let infeasibility) = trial.outcome {
      reason = "\(infeasibility.reason.rawValue): \(infeasibility.detail)"
    }
    let measured = trial.measurement.map { measurement in
      JSON(
        Dictionary(
          measurement.values.map { ($0.key.name, $0.value) }, uniquingKeysWith: { $1 }))
    }
    return [
      "event": "trial-finished", "trial": .integer(ordinal),
      "configuration": json(trial.configuration), "measured": measured ?? .null,
      "objective": JSON(study.feasibleObjective(of: trial)), "infeasible": JSON(reason),
      "seconds": JSON(trial.duration?.seconds),
      "incumbent": JSON(study.incumbent?.ordinal),
    ]
  }
}
