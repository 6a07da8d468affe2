import BayesianOptimization
import CustomResources
import Kubernetes
import Tuning

/// One look at an experiment, and what is done about it.
struct ExperimentRound {
  let context: ControllerContext
  /// As last read or written.
  var experiment: KubernetesObject
  /// All Trials that the experiment owns, by their names.
  let trialObjects: [KubernetesObject]
  let workloads: TrialWorkloads

  init(_ context: ControllerContext, _ experiment: KubernetesObject) async throws {
    self.context = context
    self.experiment = experiment
    trialObjects = try await context.client.trials(of: experiment)
    workloads = try await TrialWorkloads(of: experiment, context.client)
  }

  /// How long until deadlines are looked at again.
  private static let runningPeriod: Duration = .seconds(3)
  private static let waitingPeriod: Duration = .seconds(15)

  mutating func run() async throws -> Requeue {
    if experiment.annotations[ClusterNames.cancel] != nil {
      return try await cancel()
    }
    if experiment.isSettled { return try await settle() }
    switch try await read() {
    case .invalid(let diagnostics):
      try await tearDown(trialObjects)
      try await write(.invalid(diagnostics), study: nil)
      return .after(Self.waitingPeriod)
    case .waiting(let reason, let message):
      try await write(.waiting(reason: reason, message: message), study: nil)
      return .after(Self.waitingPeriod)
    case .superseded(let changes):
      try await stopTrials()
      try await write(
        .failed(
          reason: Self.superseded, message: "\(changes); what was measured before says little of it"
        ),
        study: nil)
      return .never
    case .ready(let observed):
      return try await advance(observed)
    }
  }

  // MARK: Over

  private mutating func cancel() async throws -> Requeue {
    try await stopTrials()
    guard experiment.phase?.isOver != true else { return try await writeBack() }
    try await write(
      .failed(
        reason: ExperimentRound.cancelled,
        message: "it was canceled; what was measured is kept, and without the annotation "
          + "\(ClusterNames.cancel) it goes on"), study: nil)
    return .never
  }

  /// What runs is taken down, and says so.
  private func stopTrials() async throws {
    try await tearDown(trialObjects)
    for trial in trialObjects {
      guard let patch = TrialObject.stopPatch(of: trial, at: context.now()) else { continue }
      _ = try await context.client.patch(.trials, trial.key, .merge(patch), subresource: .status)
    }
  }

  /// As the reason of a condition, and of the Event.
  static let cancelled = "ExperimentCancelled"
  static let superseded = "ExperimentSuperseded"

  /// Nothing of a trial outlives the search; its recommendation does.
  private mutating func settle() async throws -> Requeue {
    try await tearDown(trialObjects)
    return try await writeBack()
  }

  // MARK: Under way

  private mutating func advance(_ observed: ObservedExperiment) async throws -> Requeue {
    var trials = observed.trials.trials.map(\.trial)
    var running = 0
    for (index, trial) in observed.trials.trials.enumerated() {
      switch try await advance(trial, of: observed) {
      case .pending(let runs): running += runs ? 1 : 0
      case .finished(let outcome): trials[index].outcome = outcome
      case .hopeless(let why):
        try await tearDown(trialObjects)
        try await write(
          .failed(reason: "CandidatesImpossible", message: why), study: observed.study(trials))
        return .never
      }
    }
    let isFull = trials.count(where: \.isPending) >= observed.definition.parallelism
    // Nothing is decided while every place is taken.
    let experiment = observed.experiment(
      with: trials, earlier: isFull ? [] : try await studies(named: ClusterNames.earlier),
      neighbours: isFull ? [] : try await studies(named: ClusterNames.neighbours))
    var stage = ExperimentStage.running
    var wasStarted = false
    if self.experiment.phase != .running {
      for warning in observed.warnings {
        await notify("ExperimentWarning", "\(warning)", severity: .warning)
      }
    }
    for action in experiment.actions() {
      switch action {
      case .start(let ordinal, let configuration):
        try await start(ordinal, configuration, of: observed)
        wasStarted = true
      case .conclude(let reason): stage = observed.conclusion(experiment.informedStudy, reason)
      }
    }
    try await write(
      stage, study: experiment.study, running: running, trouble: observed.trouble)
    if wasStarted { return .after(.zero) }
    return stage.phase.isOver ? .after(.zero) : .after(Self.runningPeriod)
  }

  private func start(
    _ ordinal: Int, _ configuration: Configuration, of observed: ObservedExperiment
  ) async throws {
    let trial = TrialObject.make(
      of: experiment, ordinal: ordinal, configuration: configuration,
      parameters: observed.definition.space.parameters)
    do {
      _ = try await context.client.create(.trials, trial)
    } catch let failure as APIFailure where failure.reason == .alreadyExists {
      // An earlier round made it, and its answer was lost: the next round sees it.
      return
    }
    await notify(
      "TrialStarted", "\(ordinal == 0 ? "the baseline" : "configuration"): \(configuration)",
      trial: trial.name)
  }

  // MARK: Status

  /// Writes the status where it says something new, and tells of a new phase.
  mutating func write(
    _ stage: ExperimentStage, study: Study?, running: Int = 0,
    trouble: ExperimentStatus.Trouble? = nil
  ) async throws {
    let status = ExperimentStatus(
      of: experiment, stage, study: study, running: running, trouble: trouble, at: context.now())
    guard let patch = status.patch(of: experiment) else { return }
    let before = experiment
    experiment = try await context.client.patch(
      .profilingExperiments, experiment.key, .merge(patch), subresource: .status)
    await notify(of: stage, study, trouble, before: before)
  }

  private func notify(
    of stage: ExperimentStage, _ study: Study?, _ trouble: ExperimentStatus.Trouble?,
    before: KubernetesObject
  ) async {
    let condition = experiment.conditions["Progressing"]
    if before.phase != stage.phase || before.conditions["Progressing"]?.reason != condition?.reason
      || (condition?.reason == ExperimentStage.invalidReason
        && before.conditions["Progressing"]?.message != condition?.message)
    {
      let message = stage.start(study) ?? condition?.message ?? stage.phase.rawValue
      await notify(stage.notice, message, severity: stage.severity)
      if stage.phase.isOver { await notifyOwner(of: stage, message) }
    }
    if let trouble, before.conditions["Degraded"]?.message != trouble.message {
      await notify(trouble.reason, trouble.message, severity: .warning)
    }
  }

  /// An Inference that is tuned by itself hears of the end.
  private func notifyOwner(of stage: ExperimentStage, _ message: String) async {
    guard let owner = experiment.controller, owner.kind == ResourceKind.inferences.kind else {
      return
    }
    var inference = KubernetesObject(
      .inferences, ObjectKey(namespace: experiment.namespace, name: owner.name))
    inference.setMetadata("uid", .string(owner.uid))
    await context.notify(
      Notice(
        inference, stage.severity, reason: "TuningEnded",
        "experiment \(experiment.name): \(message)", experiment: experiment.name))
  }

  func notify(
    _ reason: String, _ message: String, severity: Notice.Severity = .normal, trial: String? = nil
  ) async {
    await context.notify(
      Notice(
        experiment, severity, reason: reason, message, experiment: experiment.name, trial: trial))
  }
}

extension KubernetesObject {
  /// Of an experiment, as its status has it.
  var phase: ExperimentPhase? { status?["phase"]?.string.flatMap(ExperimentPhase.init) }

  /// Whether the experiment has come to an end that only a change of its spec can alter.
  fileprivate var isSettled: Bool {
    guard phase?.isOver == true, status?["observedGeneration"]?.integer == generation else {
      return false
    }
    let reason = conditions["Progressing"]?.reason
    return reason != ExperimentStage.invalidReason && reason != ExperimentRound.cancelled
  }
}

extension ExperimentStage {
  /// The reason of the Event that tells of it.
  fileprivate var notice: String {
    switch self {
    case .invalid: "ExperimentInvalid"
    case .waiting(let reason, _): reason
    case .running: "ExperimentStarted"
    case .recommended, .infeasible: "ExperimentConcluded"
    case .failed(ExperimentRound.cancelled, _): ExperimentRound.cancelled
    case .failed(ExperimentRound.superseded, _): ExperimentRound.superseded
    case .failed: "ExperimentFailed"
    }
  }

  /// How a search is announced; nil for another stage.
  fileprivate func start(_ study: Study?) -> String? {
    guard case .running = self, let study else { return nil }
    return "the search begins: at most \(study.limits.trialsMax) trials of "
      + "\(study.space.count) configurations, to \(study.objective)"
  }

  fileprivate var severity: Notice.Severity {
    if [ExperimentRound.cancelled, ExperimentRound.superseded].contains(notice) { return .normal }
    return [.failed, .infeasible].contains(phase) ? .warning : .normal
  }
}
