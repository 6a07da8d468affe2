package import Kubernetes
package import Tuning

/// A trial in a cluster, as its objects show it. What to do next is a function of it.
package struct TrialObservation: Hashable, Sendable {
  package var trial: Trial
  /// 0 for the first attempt; counts what was lost through no fault of the configuration.
  package var attempt: Int
  /// When this attempt began.
  package var start: Timestamp
  package var deployment: DeploymentStatus?
  package var candidatePods: [PodStatus]
  package var job: JobStatus?
  package var stressPods: [PodStatus]
  /// Whether there is more of the trial, such as its Service, or what an earlier attempt left.
  package var hasMore: Bool
  /// Whether other trials have pods on the nodes, in whose place this one's could be.
  package var roomIsTaken: Bool

  package init(
    trial: Trial, attempt: Int, start: Timestamp, deployment: DeploymentStatus? = nil,
    candidatePods: [PodStatus] = [], job: JobStatus? = nil, stressPods: [PodStatus] = [],
    hasMore: Bool = false, roomIsTaken: Bool = false
  ) {
    self.trial = trial
    self.attempt = attempt
    self.start = start
    self.deployment = deployment
    self.candidatePods = candidatePods
    self.job = job
    self.stressPods = stressPods
    self.hasMore = hasMore
    self.roomIsTaken = roomIsTaken
  }

  /// What holds for every trial of an experiment.
  package struct Policy: Hashable, Sendable {
    /// The name of the tuned container.
    package var container: String
    /// How long a candidate may take to become ready.
    package var progressDeadline: Duration
    /// How often a trial that was lost is run again.
    package var attemptsMax: Int

    package init(container: String, progressDeadline: Duration, attemptsMax: Int = 3) {
      self.container = container
      self.progressDeadline = progressDeadline
      self.attemptsMax = attemptsMax
    }
  }

  /// One decided effect.
  package enum Action: Hashable, Sendable {
    /// Make the Deployment and the Service of the candidate.
    case startCandidate
    /// Make the Job of the stress test.
    case startStressTest
    /// Write the outcome down.
    case finish(Outcome)
    /// Delete the objects and begin anew, with the next attempt's number.
    case retry(String)
    /// Give up the experiment: no trial could mend this.
    case abandon(String)
    /// Say in the trial's condition what it waits for.
    case report(String)
    /// Delete the trial's objects.
    case cleanUp
  }

  /// - Parameter result: reads what a stress test left in its termination message.
  package func actions(
    at now: Timestamp, _ policy: Policy, result: (String) -> Outcome?
  ) -> [Action] {
    guard trial.isPending else {
      let isClean = deployment == nil && job == nil && !hasMore
      return isClean ? [] : [.cleanUp]
    }
    guard deployment != nil else { return [.startCandidate] }
    let outcome = stressPods.compactMap({ $0.result(result) }).first
    let verdict = CandidateVerdict(
      deployment, candidatePods, container: policy.container,
      phase: job == nil ? .starting : .loaded,
      isOverdue: job == nil && now - start > policy.progressDeadline)
    // The result counts even where the candidate has died meanwhile: the test saw it die.
    if let outcome, !isLost(verdict, outcome) {
      return [.finish(Self.outcome(outcome, explainedBy: verdict))]
    }
    if isReplaced { return [again("the candidate's pod was taken away under load", policy)] }
    switch verdict {
    case .infeasible where hasNoRoom && roomIsTaken:
      return [again("no node has room for it beside other trials", policy)]
    case .infeasible(let why): return [.finish(.infeasible(why))]
    case .fatal(let why): return [.abandon(why)]
    case .lost(let why): return [again(why, policy)]
    case .waiting(let why): return job.map { stressed($0, at: now, policy) } ?? [.report(why)]
    case .ready: return job.map { stressed($0, at: now, policy) } ?? [.startStressTest]
    }
  }

  /// The candidate's pod to ask for what it said last: one whose container has ended before any other,
  /// the newest among equals.
  package func failedPod(container: String) -> PodStatus? {
    func ended(_ pod: PodStatus) -> Bool {
      pod.containers.contains {
        $0.name == container && ($0.termination ?? $0.lastTermination) != nil
      }
    }
    let beginning = Timestamp(microseconds: .min)
    let newestFirst = candidatePods.sorted {
      ($0.creation ?? beginning) > ($1.creation ?? beginning)
    }
    return newestFirst.first(where: ended) ?? newestFirst.first
  }

  /// Whether its pod finds no place on any node.
  package var hasNoRoom: Bool {
    candidatePods.contains { !$0.isBeingDeleted && $0.unschedulable != nil }
  }

  /// Whether no pod is left that was there when the load began: a drain or a lost node takes a pod
  /// away, and another one comes in its place. A container that ends stays in its pod.
  private var isReplaced: Bool {
    guard let begin = job?.creation else { return false }
    return !candidatePods.contains { !$0.isBeingDeleted && $0.creation ?? begin <= begin }
  }

  /// Whether a result tells of a pod that was taken away, and not of the configuration.
  private func isLost(_ verdict: CandidateVerdict, _ outcome: Outcome) -> Bool {
    if isReplaced { return true }
    if case (.lost, .infeasible) = (verdict, outcome) { return true }
    return false
  }

  /// A stress test sees that a server has gone, and its pod says why.
  private static func outcome(
    _ outcome: Outcome, explainedBy verdict: CandidateVerdict
  ) -> Outcome {
    guard case .infeasible(let seen) = outcome, case .infeasible(var why) = verdict else {
      return outcome
    }
    why.measurement = seen.measurement
    return .infeasible(why)
  }

  /// What to do while a stress test runs, or has ended without a result.
  private func stressed(_ job: JobStatus, at now: Timestamp, _ policy: Policy) -> [Action] {
    switch job.state {
    case .running: return [running(job, at: now, policy)]
    case .complete: return [again("the stress test's result was lost", isTestsFault: true, policy)]
    case .failed("DeadlineExceeded", _):
      return [
        .finish(
          .infeasible(
            Infeasibility(.hung, .loaded, detail: "the stress test did not end in its time")))
      ]
    case .failed(let reason, let message):
      return [again("the stress test failed: \(reason): \(message)", isTestsFault: true, policy)]
    }
  }

  /// A stress test waits for a place and its image like any other pod. Where the candidate leaves no
  /// room for it, this configuration can't be tested here.
  private func running(_ job: JobStatus, at now: Timestamp, _ policy: Policy) -> Action {
    let created = stressPods.compactMap(\.creation).max() ?? job.creation ?? now
    let isOverdue = now - created > policy.progressDeadline
    guard !stressPods.contains(where: \.hasBegun) else { return .report("the stress test runs") }
    guard !stressPods.isEmpty else {
      return isOverdue
        ? .abandon("no pod is made for the stress test \(job.name): see the Job's events")
        : .report("the stress test has no pod yet")
    }
    let verdict = CandidateVerdict(
      nil, stressPods, container: "", phase: .starting, isOverdue: isOverdue)
    switch verdict {
    case .waiting(let why): return .report("the stress test's pod waits: \(why)")
    case .fatal(let why): return .abandon("the stress test's pod: \(why)")
    case .infeasible(let why) where why.reason == .notStarted:
      return .finish(
        .infeasible(
          Infeasibility(
            .notStarted, .starting,
            detail: "there is no room for its stress test beside it: \(why.detail)")))
    case .ready, .infeasible, .lost: return .report("the stress test runs")
    }
  }

  /// Another attempt, unless the retry budget is used up: a candidate that is lost time and again
  /// can't be run here, such as one that nodes evict; a test that fails time and again tells nothing
  /// of any candidate.
  private func again(_ why: String, isTestsFault: Bool = false, _ policy: Policy) -> Action {
    guard attempt + 1 < policy.attemptsMax else {
      guard !isTestsFault else { return .abandon("tried \(attempt + 1) times: \(why)") }
      return .finish(
        .infeasible(
          Infeasibility(
            .notStarted, job == nil ? .starting : .loaded,
            detail: "lost \(attempt + 1) times, the last time since \(why)")))
    }
    return .retry(why)
  }
}

extension PodStatus {
  /// Whether it is placed, and no container of it waits for anything.
  fileprivate var hasBegun: Bool {
    nodeName != nil && containers.allSatisfy { $0.waitingReason == nil }
  }

  /// What the stress test left when it ended.
  fileprivate func result(_ read: (String) -> Outcome?) -> Outcome? {
    containers.compactMap { $0.termination?.message }.compactMap(read).first
  }
}
