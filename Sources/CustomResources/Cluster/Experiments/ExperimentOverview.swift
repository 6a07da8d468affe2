package import Kubernetes
import Tuning

/// An experiment of a cluster at a glance: what its status says, as people and scripts want it.
package struct ExperimentOverview: Sendable {
  private let object: KubernetesObject
  private let trials: [TrialOverview]
  /// Nil where the experiment can't be decoded.
  private let spaceCount: Int?

  /// - Parameters:
  ///   - trials: of this experiment; none for a list.
  ///   - spaceCount: how many configurations there are, where that is known.
  package init(_ object: KubernetesObject, trials: [KubernetesObject] = [], spaceCount: Int?) {
    self.object = object
    self.trials = trials.map(TrialOverview.init).sorted { $0.ordinal < $1.ordinal }
    self.spaceCount = spaceCount
  }

  private var status: JSONValue? { object.status }
  package var isOver: Bool {
    status?["phase"]?.string.flatMap(ExperimentPhase.init)?.isOver ?? false
  }
  private var isSeen: Bool { status?["observedGeneration"] != nil }
  private var phase: String {
    status?["phase"]?.string ?? ExperimentPhase.pending.rawValue
  }
  private var total: Int { status?["trialsTotal"]?.integer ?? 0 }

  private var sampled: Double? {
    let share = status?["recommendation"]?["evidence"]?["shareSampled"]?.scalarText
    if let share = share.flatMap(Double.init) { return share }
    return spaceCount.flatMap { $0 > 0 ? Double(total) / Double($0) : nil }
  }

  private var best: (value: String, trial: String, configuration: String)? {
    guard let best = status?["currentOptimalTrial"],
      let value = best["objectiveMetricsObserved"]?.array?.first?["value"]?.scalarText
    else { return nil }
    let levels = (best["tunableParameters"]?.array ?? []).map { entry in
      "\(entry["name"]?.scalarText ?? "")=\(entry["value"]?.scalarText ?? "")"
    }
    return (value, best["name"]?.string ?? "", levels.joined(separator: " "))
  }

  private var recommended: String? { status?["recommendation"]?["summary"]?.string }

  /// The condition that says most: what is wrong, else where the search stands.
  private var telling: Condition? {
    let conditions = object.conditions
    if let degraded = conditions["Degraded"], degraded.status == .yes { return degraded }
    if let applied = conditions[WriteBackStage.conditionType] { return applied }
    return conditions["Ready"] ?? conditions.first
  }

  private var reason: String {
    guard isSeen else { return "NotSeen" }
    return object.annotations[ClusterNames.cancel] != nil && !isOver
      ? "Canceling" : telling?.reason ?? ""
  }
}

// MARK: - A row of a table

extension ExperimentOverview {
  package static let header = [
    "NAMESPACE", "NAME", "PHASE", "TRIALS", "SAMPLED", "BEST", "REASON", "AGE", "RECOMMENDED",
  ]

  /// As many as `header` has.
  package func cells(at now: Timestamp) -> [String] {
    [
      object.namespace ?? "", object.name, phase, counts, sampled.map(Self.percent) ?? "",
      best?.value ?? "", reason, Self.age(of: object.creationTimestamp, at: now),
      recommended ?? "",
    ]
  }

  private var counts: String {
    let limit = status?["trialsLimit"]?.integer.map { "/\($0)" } ?? ""
    return isSeen ? "\(total)\(limit)" : ""
  }

  private static func percent(_ share: Double) -> String {
    ShortNumber.text((share * 10_000).rounded() / 100) + " %"
  }

  /// `45s`, `12m`, `3h`, `2d`.
  static func age(of start: Timestamp?, at now: Timestamp) -> String {
    guard let start else { return "" }
    let seconds = max(0, Int((now - start).seconds))
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<7_200: return "\(seconds / 60)m"
    case ..<172_800: return "\(seconds / 3_600)h"
    default: return "\(seconds / 86_400)d"
    }
  }
}

// MARK: - Details

extension ExperimentOverview {
  /// Labels and texts.
  package func details(at now: Timestamp) -> [(label: String, text: String)] {
    let spec = object.spec
    let target = spec?["targetRef"].map { target in
      [("Inference", "name"), ("predictor", "predictor"), ("container", "container")]
        .compactMap { label, key in target[key]?.scalarText.map { "\(label) \($0)" } }
        .joined(separator: ", ")
    }
    let trialNumbers = ["Pending", "Running", "Succeeded", "Failed"].map { state in
      "\(status?["trials\(state)"]?.integer ?? 0) \(state.lowercased())"
    }
    let rows: [(String, String?)] = [
      ("Experiment", object.key.description), ("Phase", phase),
      ("Why", isSeen ? telling?.message : "no daemon has seen it yet"),
      ("Target", target ?? "a pod template of its own"),
      ("Objective", objective), ("Mode", object.annotations[ClusterNames.mode] ?? "Off"),
      ("Trials", isSeen ? counts + ": " + trialNumbers.joined(separator: ", ") : nil),
      (
        "Sampled",
        sampled.map { share in
          Self.percent(share) + (spaceCount.map { " of \($0) configurations" } ?? "")
        }
      ),
      ("Best", best.map { "\($0.value) in \($0.trial): \($0.configuration)" }),
      ("Recommended", recommended),
      (
        "Applied",
        object.conditions[WriteBackStage.conditionType].map { "\($0.reason): \($0.message)" }
      ),
      ("To relax", relaxations),
      ("Created", object.creationTimestamp.map { "\($0), \(Self.age(of: $0, at: now)) ago" }),
      ("Started", status?["startTime"]?.string), ("Ended", status?["completionTime"]?.string),
    ]
    return rows.compactMap { label, text in text.flatMap { $0.isEmpty ? nil : (label, $0) } }
  }

  private var objective: String? {
    guard let objective = object.spec?["objective"] else { return nil }
    let words = ["type", "objectiveMetricName"].compactMap { objective[$0]?.scalarText }
    return words.joined(separator: " ")
  }

  private var relaxations: String? {
    status?["toRelax"]?.array.map { $0.compactMap(\.string).joined(separator: " ") }
  }

  package static let conditionHeader = ["CONDITION", "STATUS", "REASON", "MESSAGE"]
  package var conditionRows: [[String]] {
    object.conditions.map { [$0.type, $0.status.rawValue, $0.reason, Self.line($0.message)] }
  }

  package static let trialHeader = ["TRIAL", "PHASE", "OBJECTIVE", "CONFIGURATION", "WHY"]
  package var trialRows: [[String]] { trials.map(\.cells) }

  static func line(_ text: String) -> String {
    text.split(separator: "\n").joined(separator: " ")
  }
}

// MARK: - JSON

extension ExperimentOverview {
  package var json: JSONValue {
    let numbers = ["Total", "Pending", "Running", "Succeeded", "Failed", "Limit"]
    let counts = numbers.map { name -> (String, JSONValue?) in
      (name.lowercased(), status?["trials\(name)"])
    }
    let bestValue = best.map { best -> JSONValue in
      [
        "objective": Double(best.value).map(JSONValue.init(normalizing:)) ?? .string(best.value),
        "trial": .string(best.trial), "configuration": .string(best.configuration),
      ]
    }
    return .object(
      JSONObject([
        ("namespace", object.namespace.map(JSONValue.string) ?? .null),
        ("name", .string(object.name)), ("phase", .string(phase)),
        ("reason", .string(reason)), ("message", .string(telling?.message ?? "")),
        ("isOver", .bool(isOver)), ("isSeen", .bool(isSeen)),
        ("mode", .string(object.annotations[ClusterNames.mode] ?? "Off")),
        ("trialCounts", .object(JSONObject(present: counts))),
        ("shareSampled", sampled.map(JSONValue.init(normalizing:)) ?? .null),
        ("best", bestValue ?? .null), ("recommended", recommended.map(JSONValue.string) ?? .null),
        ("recommendation", status?["recommendation"] ?? .null),
        ("rollout", status?["rollout"] ?? .null),
        ("toRelax", status?["toRelax"] ?? []),
        ("created", object.creationTimestamp.map { .string($0.description) } ?? .null),
        ("started", status?["startTime"] ?? .null), ("ended", status?["completionTime"] ?? .null),
        ("conditions", .array(object.conditions.map(\.json))),
        ("trials", .array(trials.map(\.json))),
      ]))
  }
}
