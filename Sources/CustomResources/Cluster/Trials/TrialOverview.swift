import Kubernetes
import Tuning

/// A trial of a cluster at a glance.
struct TrialOverview: Sendable {
  let ordinal: Int
  private let phase: String
  private let objective: String?
  private let configuration: String
  /// Why it is infeasible, or what it waits for.
  private let reason: String?
  private let message: String?
  private let attempt: Int

  init(_ object: KubernetesObject) {
    let status = object.status
    ordinal = object.spec?["ordinal"]?.integer ?? 0
    phase = status?["phase"]?.string ?? TrialPhase.pending.rawValue
    objective =
      status?["trialResult"]?["objectiveMetricsObserved"]?.array?.first?["value"]?
      .scalarText
    configuration = object.spec?["configuration"]?.scalarText ?? ""
    reason = status?["reason"]?.string
    message = (object.conditions["Progressing"] ?? object.conditions.first)?.message
    attempt = object.spec?["attempt"]?.integer ?? 0
  }

  var cells: [String] {
    let isMeasured = phase == TrialPhase.succeeded.rawValue
    let again = attempt > 0 ? ["attempt \(attempt + 1)"] : []
    let why = again + (isMeasured ? [] : [message ?? reason].compactMap(\.self))
    return [
      String(ordinal), phase, objective ?? "", configuration,
      ExperimentOverview.line(why.joined(separator: ": ")),
    ]
  }

  var json: JSONValue {
    [
      "ordinal": .integer(ordinal), "phase": .string(phase),
      "objective": objective.flatMap(Double.init).map(JSONValue.init(normalizing:)) ?? .null,
      "configuration": .string(configuration), "reason": reason.map(JSONValue.string) ?? .null,
      "message": message.map(JSONValue.string) ?? .null, "attempt": .integer(attempt),
    ]
  }
}
