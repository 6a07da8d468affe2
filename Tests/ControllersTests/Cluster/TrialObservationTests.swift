import Controllers
import Kubernetes
import Testing
import Tuning

/// What a trial's objects show, and what is done about it.
@Suite struct TrialObservationTests {
  private static let start = Timestamp(seconds: 1_000)
  private static let policy = TrialObservation.Policy(
    container: "predictor", progressDeadline: .seconds(60), attemptsMax: 3)
  private static let configuration = Configuration([
    .init(name: "x", level: .integer(1))
  ])

  private static func observed(
    attempt: Int = 0, outcome: Outcome = .pending,
    deployment: DeploymentStatus? = Pods.deployment(),
    pods: [PodStatus] = [], job: JobStatus? = nil, stressPods: [PodStatus] = []
  ) -> TrialObservation {
    TrialObservation(
      trial: Trial(ordinal: 3, configuration: configuration, outcome: outcome), attempt: attempt,
      start: start, deployment: deployment, candidatePods: pods, job: job, stressPods: stressPods)
  }

  private static func actions(
    _ observation: TrialObservation, after seconds: Int64 = 10
  ) -> [TrialObservation.Action] {
    observation.actions(at: Timestamp(seconds: 1_000 + seconds), policy) { text in
      switch text {
      case "good": .measured(Measurement(values: [.throughput: 7]))
      case "late":
        .measured(Measurement(values: [.throughput: 7], verdict: .unusable(["it was late"])))
      default: nil
      }
    }
  }

  private static func infeasibility(_ actions: [TrialObservation.Action]) -> Infeasibility? {
    guard case .finish(.infeasible(let why))? = actions.first, actions.count == 1 else {
      return nil
    }
    return why
  }

  private static let serving = Pods.pod(ready: true, containers: [Pods.running()])

  @Test func `it begins with the candidate, and loads it once it is ready`() {
    #expect(Self.actions(Self.observed(deployment: nil)) == [.startCandidate])
    #expect(Self.actions(Self.observed()) == [.report("no pod was made yet")])
    #expect(Self.actions(Self.observed(pods: [Self.serving])) == [.startStressTest])
    let stress = Pods.pod("stress", ready: true, containers: [Pods.running("stress")])
    #expect(
      Self.actions(Self.observed(pods: [Self.serving], job: Pods.job(), stressPods: [stress]))
        == [.report("the stress test runs")])
  }

  @Test func `a stress test that finds no room or no image is not a stress test that runs`() {
    let tight = Pods.pod("stress", phase: "Pending", node: nil, unschedulable: "Insufficient cpu")
    let waiting = Self.observed(pods: [Self.serving], job: Pods.job(), stressPods: [tight])
    #expect(
      Self.actions(waiting)
        == [.report("the stress test's pod waits: no node has room: Insufficient cpu")])
    let why = Self.infeasibility(Self.actions(waiting, after: 61))
    #expect(why?.reason == .notStarted)
    #expect(why?.detail.contains("no room for its stress test") == true)

    let pulling = Pods.pod(
      "stress", phase: "Pending", containers: [Pods.waiting("ImagePullBackOff")])
    let unpulled = Self.observed(pods: [Self.serving], job: Pods.job(), stressPods: [pulling])
    guard case .report? = Self.actions(unpulled).first else {
      Issue.record("an image may come yet")
      return
    }
    guard case .abandon? = Self.actions(unpulled, after: 61).first else {
      Issue.record("no trial could do without the image")
      return
    }
  }

  /// A quota or an admission rule refuses it.
  @Test func `a stress test whose pod is never made is no hang`() {
    let refused = Self.observed(pods: [Self.serving], job: Pods.job(created: Self.start))
    #expect(Self.actions(refused) == [.report("the stress test has no pod yet")])
    guard case .abandon(let why)? = Self.actions(refused, after: 61).first else {
      Issue.record("no trial could mend it")
      return
    }
    #expect(why.contains("minilm-3-stress"))
  }

  @Test func `an init container that fails again and again ends the experiment`() {
    let crashing = Pods.pod(
      phase: "Pending",
      initContainers: [
        Pods.waiting(
          "CrashLoopBackOff", lastEnd: Pods.end("Error", 1), restarts: 3, "model-loader")
      ])
    guard case .abandon(let why)? = Self.actions(Self.observed(pods: [crashing])).first else {
      Issue.record("every trial would wait for it")
      return
    }
    #expect(why.contains("model-loader"))
  }

  @Test func `a measurement that can't be used is made again, as long as there are attempts`() {
    let stress = Pods.pod(
      "stress", phase: "Succeeded",
      containers: [Pods.ended("Completed", exitCode: 0, message: "late")])
    func actions(attempt: Int) -> [TrialObservation.Action] {
      Self.actions(
        Self.observed(
          attempt: attempt, pods: [Self.serving], job: Pods.job(("Complete", "")),
          stressPods: [stress]))
    }
    #expect(actions(attempt: 1) == [.retry("its measurement can't be used: it was late")])
    #expect(
      actions(attempt: 2) == [
        .finish(
          .measured(Measurement(values: [.throughput: 7], verdict: .unusable(["it was late"]))))
      ])
  }

  @Test func `the result is the outcome, also of a candidate that has died meanwhile`() {
    let stress = Pods.pod(
      "stress", phase: "Succeeded",
      containers: [Pods.ended("Completed", exitCode: 0, message: "good")])
    let measured = Outcome.measured(Measurement(values: [.throughput: 7]))
    for pod in [
      Self.serving, Pods.pod(phase: "Failed", containers: [Pods.ended("Error", exitCode: 1)]),
    ] {
      let observation = Self.observed(
        pods: [pod], job: Pods.job(("Complete", "")), stressPods: [stress])
      #expect(Self.actions(observation) == [.finish(measured)])
    }
  }

  @Test(
    arguments: [
      (Pods.ended("OOMKilled", exitCode: 137), Infeasibility.Reason.outOfMemory),
      (Pods.waiting("CrashLoopBackOff", lastEnd: Pods.end("OOMKilled", 137)), .outOfMemory),
      (Pods.waiting("CrashLoopBackOff", lastEnd: Pods.end("Error", 3)), .exited),
      (Pods.ended("Error", exitCode: 1), .exited),
      (Pods.ended("Completed", exitCode: 0), .exited),
    ])
  func `a container that ends makes the configuration infeasible`(
    container: JSONValue, reason: Infeasibility.Reason
  ) {
    let pod = Pods.pod(containers: [container])
    let starting = Self.infeasibility(Self.actions(Self.observed(pods: [pod])))
    #expect(starting?.reason == reason)
    #expect(starting?.phase == .starting)
    let loaded = Self.infeasibility(Self.actions(Self.observed(pods: [pod], job: Pods.job())))
    #expect(loaded?.reason == reason)
    #expect(loaded?.phase == .loaded)
  }

  @Test func `another container that ends well says nothing`() {
    let pod = Pods.pod(
      ready: true, containers: [Pods.running(), Pods.ended("Completed", exitCode: 0, "sidecar")])
    #expect(Self.actions(Self.observed(pods: [pod])) == [.startStressTest])
  }

  @Test func `no room on any node is waited for, and then is the configuration's fault`() {
    let message = "0/3 nodes are available: 1 Insufficient nvidia.com/gpumem, 2 Insufficient cpu."
    let pod = Pods.pod(phase: "Pending", node: nil, unschedulable: message)
    let observation = Self.observed(pods: [pod])
    #expect(Self.actions(observation) == [.report("no node has room: " + message)])
    let late = Self.infeasibility(Self.actions(observation, after: 61))
    #expect(late?.reason == .notStarted)
    #expect(late?.detail.contains("Insufficient nvidia.com/gpumem") == true)
    #expect(late?.scarceResources == ["cpu", "nvidia.com/gpumem"])
  }

  @Test func `a node that is out of the question for another reason lacks nothing`() {
    let pod = Pods.pod(
      phase: "Pending", node: nil,
      unschedulable: "0/1 nodes are available: 1 node(s) had taint {a: b}, that didn't tolerate.")
    let late = Self.infeasibility(Self.actions(Self.observed(pods: [pod]), after: 61))
    #expect(late?.reason == .notStarted)
    #expect(late?.scarceResources == nil)
  }

  @Test func `a pod that may not be made, such as for a quota, is waited for with its reason`() {
    let refused = Pods.deployment(replicaFailure: "exceeded quota: team, requested: cpu=4")
    let observation = Self.observed(deployment: refused)
    #expect(
      Self.actions(observation) == [.report("exceeded quota: team, requested: cpu=4")])
    let why = Self.infeasibility(Self.actions(observation, after: 61))
    #expect(why?.reason == .notStarted && why?.detail.contains("exceeded quota") == true)
  }

  @Test func `where other trials take the room, a candidate that has none is tried again`() {
    let tight = Pods.pod(phase: "Pending", node: nil, unschedulable: "Insufficient cpu")
    var observation = Self.observed(pods: [tight])
    #expect(Self.infeasibility(Self.actions(observation, after: 61))?.reason == .notStarted)
    observation.roomIsTaken = true
    #expect(
      Self.actions(observation) == [.report("no node has room: Insufficient cpu")])
    #expect(
      Self.actions(observation, after: 61)
        == [.retry("no node has room for it beside other trials")])
    observation.attempt = 2
    #expect(Self.infeasibility(Self.actions(observation, after: 61))?.reason == .notStarted)
  }

  @Test func `a candidate that never gets ready is infeasible when its time is over`() {
    let observation = Self.observed(pods: [Pods.pod(containers: [Pods.running()])])
    #expect(Self.infeasibility(Self.actions(observation)) == nil)
    #expect(Self.infeasibility(Self.actions(observation, after: 61))?.reason == .neverReady)
    var exceeded = observation
    exceeded.deployment = Pods.deployment(exceededDeadline: "has timed out progressing")
    #expect(Self.infeasibility(Self.actions(exceeded))?.reason == .neverReady)
  }

  @Test func `an image that can't be had is no configuration's fault`() {
    let pod = Pods.pod(
      phase: "Pending", containers: [Pods.waiting("ImagePullBackOff", message: "no such image")])
    let observation = Self.observed(pods: [pod])
    #expect(
      Self.actions(observation) == [
        .report("the image of container predictor can't be had: no such image")
      ])
    guard case .abandon? = Self.actions(observation, after: 61).first else {
      Issue.record("the experiment was not abandoned")
      return
    }
    let named = Pods.pod(phase: "Pending", containers: [Pods.waiting("InvalidImageName")])
    guard case .abandon? = Self.actions(Self.observed(pods: [named])).first else {
      Issue.record("the experiment was not abandoned")
      return
    }
  }

  @Test(arguments: ["Evicted", "NodeLost", "Preempting", "UnexpectedAdmissionError", "OutOfcpu"])
  func `what is lost through no fault of its own is tried again, within its budget`(
    reason: String
  ) {
    let pod = Pods.pod(phase: "Failed", reason: reason)
    guard case .retry? = Self.actions(Self.observed(attempt: 0, pods: [pod])).first else {
      Issue.record("it was not tried again")
      return
    }
    let last = Self.infeasibility(Self.actions(Self.observed(attempt: 2, pods: [pod])))
    #expect(last?.detail.contains("lost 3 times") == true)
  }

  @Test func `a node that doesn't answer is no fault of the candidate, whatever the test saw`() {
    let away = Pods.pod(ready: false, containers: [Pods.running()], containersReady: true)
    let unready = Pods.pod(ready: false, containers: [Pods.running()], containersReady: false)
    let seen = Pods.pod(
      "stress", phase: "Succeeded",
      containers: [Pods.ended("Completed", exitCode: 0, message: "hung", "stress")])
    func actions(_ candidate: PodStatus) -> [TrialObservation.Action] {
      Self.observed(pods: [candidate], job: Pods.job(("Complete", "")), stressPods: [seen])
        .actions(at: Timestamp(seconds: 1_010), Self.policy) { text in
          text == "hung" ? .infeasible(Infeasibility(.hung, .loaded, detail: "no answer")) : nil
        }
    }
    #expect(actions(away) == [.retry("pod minilm-3-abcde: its node can't be reached")])
    #expect(Self.infeasibility(actions(unready))?.reason == .hung)
  }

  @Test func `what it said last is asked of the pod that has failed`() {
    let first = Pods.pod("first", containers: [Pods.running()])
    let crashed = Pods.pod(
      "crashed", containers: [Pods.ended("Error", exitCode: 1)],
      created: Timestamp(seconds: 1_005))
    let last = Pods.pod(
      "last", containers: [Pods.running()], created: Timestamp(seconds: 1_009))
    #expect(
      Self.observed(pods: [first, crashed, last]).failedPod(container: "predictor")?.name
        == "crashed")
    #expect(Self.observed(pods: [first, last]).failedPod(container: "predictor")?.name == "last")
    #expect(Self.observed().failedPod(container: "predictor") == nil)
  }

  @Test func `a pod that is being deleted says nothing any more`() {
    let old = Pods.pod(isBeingDeleted: true, containers: [Pods.ended("OOMKilled", exitCode: 137)])
    #expect(Self.actions(Self.observed(pods: [old, Self.serving])) == [.startStressTest])
  }

  @Test func `a stress test without a result is run again, and one that never ends is a hang`() {
    let lost = Self.observed(pods: [Self.serving], job: Pods.job(("Complete", "")))
    #expect(Self.actions(lost) == [.retry("the stress test's result was lost")])
    let failed = Self.observed(
      pods: [Self.serving], job: Pods.job(("Failed", "BackoffLimitExceeded")))
    guard case .retry? = Self.actions(failed).first else {
      Issue.record("it was not tried again")
      return
    }
    // A test that fails time and again tells nothing of a configuration.
    for job in [Pods.job(("Complete", "")), Pods.job(("Failed", "BackoffLimitExceeded"))] {
      let last = Self.actions(Self.observed(attempt: 2, pods: [Self.serving], job: job))
      guard case .abandon(let why)? = last.first else {
        Issue.record("the experiment was not abandoned: \(last)")
        return
      }
      #expect(why.hasPrefix("tried 3 times: the stress test"))
    }
    let endless = Self.observed(
      pods: [Self.serving], job: Pods.job(("Failed", "DeadlineExceeded")))
    #expect(Self.infeasibility(Self.actions(endless))?.reason == .hung)
  }

  @Test func `a finished trial leaves nothing behind`() {
    let outcome = Outcome.measured(Measurement(values: [:]))
    #expect(Self.actions(Self.observed(outcome: outcome, job: Pods.job())) == [.cleanUp])
    #expect(Self.actions(Self.observed(outcome: outcome, deployment: nil)).isEmpty)
  }

  /// A drained node: the pod goes, another one comes, and the stress test saw requests fail.
  @Test func `a pod that was taken away under load says nothing of its configuration`() {
    let job = Self.start + .seconds(20)
    func pod(_ seconds: Int, isBeingDeleted: Bool = false) -> PodStatus {
      Pods.pod(
        ready: true, isBeingDeleted: isBeingDeleted, containers: [Pods.running()],
        created: Self.start + .seconds(seconds))
    }
    let stress = Pods.pod(
      "stress", phase: "Succeeded",
      containers: [Pods.ended("Completed", exitCode: 0, message: "good")])
    let others: [[PodStatus]] = [
      [], [pod(30)], [pod(0, isBeingDeleted: true)], [pod(0, isBeingDeleted: true), pod(30)],
    ]
    for pods in others {
      for (state, tests) in [(nil, []), (("Complete", ""), [stress])] {
        let observation = Self.observed(
          pods: pods, job: Pods.job(state, created: job), stressPods: tests)
        #expect(
          Self.actions(observation) == [.retry("the candidate's pod was taken away under load")])
      }
    }
    let running = Pods.pod("stress", ready: true, containers: [Pods.running("stress")])
    let same = Self.observed(
      pods: [pod(20)], job: Pods.job(created: job), stressPods: [running])
    #expect(Self.actions(same) == [.report("the stress test runs")])
  }
}
