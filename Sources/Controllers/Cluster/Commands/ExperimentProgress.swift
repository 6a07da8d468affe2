import CustomResources
import Kubernetes
import Tuning

/// What is new in an experiment of a cluster since it was last looked at, told as of a run on one
/// machine.
package struct ExperimentProgress: Sendable {
  package enum Update: Sendable {
    case event(ExperimentEvent)
    /// A sentence on the experiment as a whole.
    case note(String)
  }

  private var started: Set<Int> = []
  private var finished: Set<Int> = []
  private var attempts: [Int: Int] = [:]
  private var details: [Int: String] = [:]
  private var lastNote = ""
  private var isConcluded = false

  package init() {}

  package mutating func updates(_ now: ClusterStudy) -> [Update] {
    var updates: [Update] = []
    for trial in now.trials {
      if started.insert(trial.ordinal).inserted {
        updates.append(.event(.trialStarted(ordinal: trial.ordinal, trial.configuration)))
      }
      updates += news(of: trial)
    }
    let ended = now.trials.filter { $0.outcome != .pending && !finished.contains($0.ordinal) }
      .sorted { (Self.end(of: $0), $0.ordinal) < (Self.end(of: $1), $1.ordinal) }
    for trial in ended {
      finished.insert(trial.ordinal)
      updates.append(.event(.trialFinished(ordinal: trial.ordinal, study(now))))
    }
    if let note = note(on: now.snapshot), note != lastNote {
      lastNote = note
      updates.append(.note(note))
    }
    if now.snapshot.phase.isOver, !isConcluded, let reason = now.stopReason {
      isConcluded = true
      updates.append(.event(.concluded(reason)))
    }
    return updates
  }

  /// The study without what hasn't been told yet.
  private func study(_ now: ClusterStudy) -> Study {
    var study = now.study
    for index in study.trials.indices where !finished.contains(study.trials[index].ordinal) {
      study.trials[index].outcome = .pending
    }
    return study
  }

  private static func end(of trial: TrialObject) -> Timestamp {
    trial.completionTime ?? Timestamp(microseconds: .max)
  }

  private mutating func news(of trial: TrialObject) -> [Update] {
    guard trial.outcome == .pending else { return [] }
    var updates: [Update] = []
    let before = attempts.updateValue(trial.attempt, forKey: trial.ordinal) ?? trial.attempt
    if trial.attempt > before {
      updates.append(.note("trial \(trial.ordinal) is begun anew (attempt \(trial.attempt + 1))"))
    }
    let detail = trial.object.conditions["Progressing"]?.message ?? ""
    if !detail.isEmpty, details.updateValue(detail, forKey: trial.ordinal) != detail {
      updates.append(
        .event(.trialProgressed(ordinal: trial.ordinal, .waiting(detail))))
    }
    return updates
  }

  /// What it waits for, or what is wrong though it goes on.
  private func note(on snapshot: ExperimentSnapshot) -> String? {
    let conditions = snapshot.experiment.conditions
    guard !snapshot.phase.isOver else {
      return conditions[WriteBackStage.conditionType].map { "\($0.reason): \($0.message)" }
    }
    if let degraded = conditions["Degraded"], degraded.status == .yes {
      return "\(degraded.reason): \(degraded.message)"
    }
    guard snapshot.phase == .pending, let progressing = conditions["Progressing"] else {
      return nil
    }
    return "\(progressing.reason): \(progressing.message)"
  }
}
