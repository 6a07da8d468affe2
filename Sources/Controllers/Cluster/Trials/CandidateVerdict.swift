package import Kubernetes
package import Tuning

/// What the cluster's word on a candidate's pods means for its trial.
package enum CandidateVerdict: Hashable, Sendable {
  /// It serves.
  case ready
  /// Nothing is decided; one sentence says what it waits for.
  case waiting(String)
  /// It can't serve with this configuration.
  case infeasible(Infeasibility)
  /// It was lost through no fault of the configuration: the trial is to be run again.
  case lost(String)
  /// No configuration could mend this, such as an image that isn't there.
  case fatal(String)

  /// - Parameters:
  ///   - pods: of the candidate, in any order.
  ///   - container: the name of the one that is tuned.
  ///   - phase: whether it was ready before.
  ///   - isOverdue: whether the time to become ready is over.
  package init(
    _ deployment: DeploymentStatus?, _ pods: [PodStatus], container: String,
    phase: Infeasibility.Phase, isOverdue: Bool
  ) {
    let alive = pods.filter { !$0.isBeingDeleted }
    let verdicts = alive.map { Self.verdict(on: $0, container: container, phase: phase) }
    // A certain verdict on any pod outweighs hope for another.
    let certain = verdicts.first { if case .infeasible = $0 { true } else { false } }
    let hopeless = verdicts.first { if case .fatal = $0 { true } else { false } }
    let lost = verdicts.first { if case .lost = $0 { true } else { false } }
    if let decided = certain ?? hopeless ?? lost {
      self = decided
    } else if verdicts.contains(.ready) {
      self = .ready
    } else {
      self = Self.undecided(deployment, alive, verdicts, phase: phase, isOverdue: isOverdue)
    }
  }

  private static func undecided(
    _ deployment: DeploymentStatus?, _ pods: [PodStatus], _ verdicts: [CandidateVerdict],
    phase: Infeasibility.Phase, isOverdue: Bool
  ) -> CandidateVerdict {
    let waiting = verdicts.compactMap { if case .waiting(let why) = $0 { why } else { nil } }
    let why = waiting.first ?? deployment?.replicaFailure ?? "no pod was made yet"
    guard isOverdue || deployment?.exceededDeadline != nil else { return .waiting(why) }
    let lacksImage = pods.flatMap(\.containers).contains {
      imageReasons.contains($0.waitingReason ?? "")
    }
    if lacksImage { return .fatal(why) }
    // Quota is the cluster's affair, and so is room on its nodes: the configuration asks for more
    // than there is.
    let wasPlaced = pods.contains { $0.nodeName != nil && $0.unschedulable == nil }
    return .infeasible(
      Infeasibility(
        wasPlaced ? .neverReady : .notStarted, phase,
        detail: "the time to become ready is over: \(why)",
        scarceResources: pods.compactMap(\.insufficientResources).first))
  }
}

// MARK: - One pod

extension CandidateVerdict {
  private static func verdict(
    on pod: PodStatus, container: String, phase: Infeasibility.Phase
  ) -> CandidateVerdict {
    if pod.isLost {
      return .lost("pod \(pod.name): \(pod.reason ?? "its node can't be reached")")
    }
    for status in pod.containers {
      if let verdict = verdict(on: status, tuned: container, phase: phase) { return verdict }
    }
    if pod.phase == .failed || pod.phase == .succeeded {
      return .infeasible(
        Infeasibility(.exited, phase, detail: "its pod ended: \(pod.message ?? pod.phase.rawValue)")
      )
    }
    if pod.isReady { return .ready }
    if let message = pod.unschedulable { return .waiting("no node has room: \(message)") }
    return .waiting(progress(of: pod))
  }

  /// Waiting for these in vain is waiting for ever, whatever the configuration.
  private static let hopelessReasons: Set<String> = [
    "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "ImageInspectError",
  ]
  /// These may pass, such as while a registry is away.
  private static let imageReasons: Set<String> = ["ErrImagePull", "ImagePullBackOff"]

  private static let initRestartsMax = 3

  /// Nil where the container gives no reason to decide anything.
  private static func verdict(
    on status: ContainerStatus, tuned: String, phase: Infeasibility.Phase
  ) -> CandidateVerdict? {
    for end in [status.termination, status.lastTermination].compactMap({ $0 }) {
      if end.reason == "OOMKilled" {
        return .infeasible(
          Infeasibility(
            .outOfMemory, phase,
            detail: "the kernel killed container \(status.name) for want of memory"))
      }
    }
    if let reason = status.waitingReason, hopelessReasons.contains(reason) {
      return .fatal("container \(status.name): \(reason): \(status.waitingMessage ?? "")")
    }
    // What prepares the pod is the same in every trial.
    if status.isInit, status.restarts >= initRestartsMax, let end = status.lastTermination,
      end.exitCode != 0
    {
      return .fatal("init container \(status.name) ends with \(end.exitCode) again and again")
    }
    // An init container ends as it should; the tuned one never does.
    guard !status.isInit, let end = status.termination ?? status.lastTermination else { return nil }
    guard status.name == tuned || end.exitCode != 0 else { return nil }
    return .infeasible(
      Infeasibility(
        .exited, phase,
        detail: "container \(status.name) ended by itself with exit status \(end.exitCode)",
        lastLogLines: end.message.map { $0.split(separator: "\n").suffix(20).map(String.init) }
          ?? []
      ))
  }

  private static func progress(of pod: PodStatus) -> String {
    for status in pod.containers {
      guard let reason = status.waitingReason else { continue }
      let isImage = imageReasons.contains(reason)
      let message = status.waitingMessage.map { ": \($0)" } ?? ""
      return isImage
        ? "the image of container \(status.name) can't be had\(message)"
        : "container \(status.name): \(reason)\(message)"
    }
    return pod.nodeName == nil ? "it isn't placed yet" : "its readiness probe doesn't succeed yet"
  }
}
