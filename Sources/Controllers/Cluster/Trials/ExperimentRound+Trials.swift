import CustomResources
import Foundation
import Kubernetes
import StressTest
import Tuning

/// What a round makes of a trial.
enum TrialAdvance: Sendable {
  case pending(runs: Bool)
  case finished(Outcome)
  /// No trial could mend this.
  case hopeless(String)
}

extension ExperimentRound {
  /// Takes a trial a step further.
  func advance(
    _ trial: TrialObject, of observed: ObservedExperiment
  ) async throws -> TrialAdvance {
    if trial.trial.isPending, workloads.hasStale(of: trial) {
      try await tearDown([trial.object])
      return .pending(runs: false)
    }
    var observation = workloads.observation(of: trial, at: context.now())
    if observation.hasNoRoom {
      observation.roomIsTaken = try await NodeRoom(context.client).isTaken(beside: trial.object)
    }
    let actions = observation.actions(at: context.now(), observed.policy) { text in
      (try? StressResult(compact: text))?.outcome
    }
    var result =
      trial.trial.isPending
      ? TrialAdvance.pending(runs: observation.deployment != nil) : .finished(trial.outcome)
    do {
      for action in actions {
        switch action {
        case .startCandidate:
          result = .pending(runs: try await startCandidate(trial, of: observed))
        case .startStressTest: try await startStressTest(trial, of: observed)
        case .report(let what): try await report(what, trial, of: observed, runs: true)
        case .retry(let why): try await retry(trial, why)
        case .abandon(let why): return .hopeless("trial \(trial.ordinal): \(why)")
        case .finish(let outcome):
          result = .finished(try await finish(trial, outcome, observation, of: observed))
        case .cleanUp: try await tearDown([trial.object])
        }
      }
    } catch let error as ForeignObjectError {
      return .hopeless("trial \(trial.ordinal): \(error)")
    }
    return result
  }

  // MARK: Starting

  /// False where there is no room for it now.
  private func startCandidate(
    _ trial: TrialObject, of observed: ObservedExperiment
  ) async throws -> Bool {
    if let leaving = try await NodeRoom(context.client).leaving(at: context.now()) {
      try await report(
        "it waits: pod \(leaving) of a trial before is about to leave", trial, of: observed,
        runs: false)
      return false
    }
    let objects = try observed.objects(of: trial)
    let candidates = LabelSelector([
      ClusterNames.roleLabel: ClusterNames.Role.candidate.rawValue
    ])
    let running = try await context.client.list(.deployments, Selection(labels: candidates)).items
    let quota = CandidateQuota(observed.settings.quota)
    if let excess = quota.excess(adding: objects.deployment, to: running) {
      if try await report("it waits: \(excess)", trial, of: observed, runs: false) {
        await notify("TrialWaits", excess, trial: trial.object.name)
      }
      return false
    }
    try await create(.services, objects.service, for: trial)
    try await create(.deployments, objects.deployment, for: trial)
    try await report("the candidate starts", trial, of: observed, runs: true)
    return true
  }

  private func startStressTest(_ trial: TrialObject, of observed: ObservedExperiment) async throws {
    let objects = try observed.objects(of: trial)
    let test = observed.definition.stressTest
    // By address: a cluster need not have names for its Services.
    guard let address = workloads.service(of: trial)?.spec?["clusterIP"]?.string else {
      try await create(.services, objects.service, for: trial)
      return
    }
    let host = address.contains(":") ? "[\(address)]" : address
    let study = observed.study(observed.trials.trials.map(\.trial))
    let job = StressJob(
      target: test.target(url: "http://\(host):\(test.port)\(test.path)", fileBody: nil),
      plan: observed.definition.stressPlan(
        seed: SeededGenerator.seed(of: trial.object.uid ?? trial.object.name),
        rateToBeat: study.rateToBeat(with: trial.configuration)),
      usage: observed.usageSource(of: objects.deployment.key))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let plan = String(decoding: try encoder.encode(job), as: UTF8.self)
    try await create(
      .jobs,
      objects.job(
        image: observed.settings.image, plan: plan, deadline: observed.settings.trialDeadline),
      for: trial)
    try await report("the stress test starts", trial, of: observed, runs: true)
    await notify(
      "StressTestStarted", "the candidate is ready: load is sent to \(address)",
      trial: trial.object.name)
  }

  /// What an earlier round made, whose answer was lost, is as good.
  /// - Throws: `ForeignObjectError` where the name is taken.
  private func create(
    _ kind: ResourceKind, _ object: KubernetesObject, for trial: TrialObject
  ) async throws {
    do {
      _ = try await context.client.create(kind, object)
    } catch let failure as APIFailure where failure.reason == .alreadyExists {
      let present = try await context.client.find(kind, object.key)
      guard present?.isOwned(by: trial.object) ?? true else {
        throw ForeignObjectError(object: ObjectReference(kind, object.key))
      }
    }
  }

  // MARK: Ending

  private func finish(
    _ trial: TrialObject, _ outcome: Outcome, _ observation: TrialObservation,
    of observed: ObservedExperiment
  ) async throws -> Outcome {
    let outcome = try await withLastLogLines(outcome, observation, of: observed)
    try await write(outcome, trial, of: observed)
    try await tearDown([trial.object])
    await notify(
      "TrialFinished", "\(trial.configuration): \(outcome.summary)",
      severity: outcome.measurement == nil ? .warning : .normal, trial: trial.object.name)
    return outcome
  }

  /// What a container said last often tells more than how it ended.
  private func withLastLogLines(
    _ outcome: Outcome, _ observation: TrialObservation, of observed: ObservedExperiment
  ) async throws -> Outcome {
    guard case .infeasible(var why) = outcome, why.lastLogLines.isEmpty,
      why.reason != .constraintBroken,
      let pod = observation.failedPod(container: observed.policy.container)
    else { return outcome }
    let container = pod.containers.first { $0.name == observed.policy.container }
    let query = LogQuery(
      container: observed.policy.container, previous: (container?.restarts ?? 0) > 0,
      tailLines: 20, limitBytes: 4_096)
    let key = ObjectKey(namespace: observed.object.namespace, name: pod.name)
    // It may have no log, or be gone; its end is known all the same.
    guard let log = try? await context.client.logs(of: key, query) else { return outcome }
    why.lastLogLines = log.split(separator: "\n").suffix(20).map(String.init)
    return .infeasible(why)
  }

  private func retry(_ trial: TrialObject, _ why: String) async throws {
    // First the number, by which the objects of this attempt are known to be stale.
    _ = try await context.client.patch(
      .trials, trial.object.key, .merge(trial.nextAttemptPatch))
    try await tearDown([trial.object])
    await notify(
      "TrialRetried", "attempt \(trial.attempt + 1) was lost: \(why)", severity: .warning,
      trial: trial.object.name)
  }

  /// Deletes the objects of trials; the garbage collector takes their pods.
  func tearDown(_ trials: [KubernetesObject]) async throws {
    for (kind, object) in trials.flatMap({ workloads.objects(of: $0) }) {
      do {
        // Only this very object: another of its name is somebody else's.
        try await context.client.deleteIfPresent(kind, object.key, Deletion(uid: object.uid))
      } catch let failure as APIFailure where failure.reason == .conflict {}
    }
  }

  // MARK: Status

  /// False where that was said before.
  @discardableResult
  private func report(
    _ what: String, _ trial: TrialObject, of observed: ObservedExperiment, runs: Bool
  ) async throws -> Bool {
    try await write(.pending, trial, of: observed, phase: runs ? .running : .pending, detail: what)
  }

  @discardableResult
  private func write(
    _ outcome: Outcome, _ trial: TrialObject, of observed: ObservedExperiment,
    phase: TrialPhase = .running, detail: String = ""
  ) async throws -> Bool {
    let status = TrialStatus(
      of: trial.object, outcome: outcome, phase: phase, detail: detail, study: observed.study([]),
      configuration: trial.configuration, at: context.now())
    guard let patch = status.patch(of: trial.object) else { return false }
    _ = try await context.client.patch(
      .trials, trial.object.key, .merge(patch), subresource: .status)
    return true
  }
}

extension Outcome {
  /// To a tenth.
  private static func short(_ number: Double) -> String {
    Level.number((number * 10).rounded() / 10).text
  }

  /// For people, in a few words.
  fileprivate var summary: String {
    switch self {
    case .pending: "pending"
    case .measured(let measurement):
      measurement[.throughput].map { rate in
        "held \(Self.short(rate)) requests per second"
          + (measurement[.latencyP99].map { ", p99 \(Self.short($0)) ms" } ?? "")
      } ?? "measured"
    case .infeasible(let why): "\(why.summary): \(why.detail)"
    }
  }
}

/// A name that a trial needs is taken.
struct ForeignObjectError: Error, Hashable, CustomStringConvertible {
  let object: ObjectReference

  var description: String {
    "\(object): is there and isn't the trial's; delete it, or give the experiment another name"
  }
}
