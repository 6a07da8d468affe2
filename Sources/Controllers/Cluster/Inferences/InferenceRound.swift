import CustomResources
import Kubernetes

/// One look at an Inference, and what is done so that it is tuned.
struct InferenceRound {
  let context: ControllerContext
  let inference: KubernetesObject
  let settings: InferenceSettings
  private let diagnostics: Diagnostics
  private let lease: ObjectKey
  /// Those that the daemon made for this Inference.
  let managed: [ManagedExperiment]
  /// Those that somebody else made for it.
  let foreign: [KubernetesObject]
  /// Those of other Inferences of the namespace.
  let neighbours: [KubernetesObject]

  init(
    _ context: ControllerContext, _ inference: KubernetesObject, lease: ObjectKey
  ) async throws {
    self.context = context
    self.inference = inference
    self.lease = lease
    (settings, diagnostics) = try await context.settings(of: inference)
    let all = try await context.client.list(
      .profilingExperiments, Selection(namespace: inference.namespace)
    ).items.filter { !$0.isBeingDeleted }
    let experiments = all.filter { ExperimentDefinition.inferenceName(of: $0) == inference.name }
    neighbours = all.filter { ExperimentDefinition.inferenceName(of: $0) != inference.name }
    managed = experiments.compactMap { ManagedExperiment($0, of: inference) }
      .sorted { $0.generation < $1.generation }
    foreign = experiments.filter { ManagedExperiment($0, of: inference) == nil }
  }

  /// An experiment that is applied along with its Inference is to be seen before another is made.
  static let settlingPeriod: Duration = .seconds(5)

  /// What became of the predictors.
  struct Progress {
    /// What keeps predictors from being tuned, for people.
    var problems: [String] = []
    /// Of the API server; the round is tried again.
    var failure: APIFailure?
  }

  func run() async throws -> Requeue {
    guard try await isToBeTuned() else {
      try await tell(Self.sentences(ownProblems))
      return .never
    }
    // A new one is not looked at closely yet.
    if managed.isEmpty, let wait = untilSettled { return .after(wait) }
    var progress = Progress(problems: Self.sentences(diagnostics.errors) + unknownPredictors)
    for predictor in Inference.decode(inference).inference.predictors {
      do {
        try await take(
          predictor, isReadable: !diagnostics.hasErrors, telling: &progress.problems)
      } catch let failure as APIFailure {
        // The others go on.
        progress.failure = progress.failure ?? failure
      }
    }
    try await tell(progress.problems + Self.sentences(diagnostics.warnings))
    if let failure = progress.failure { throw failure }
    return .never
  }

  // MARK: Whether

  /// One that was there before the daemon is left alone, unless it asks to be tuned.
  private func isToBeTuned() async throws -> Bool {
    if settings.isAskedFor || !managed.isEmpty { return true }
    guard settings.tuning == .on else { return false }
    // Without a Lease nobody has led yet. Times are those of the API server.
    guard let installed = try await context.client.find(.leases, lease)?.creationTimestamp else {
      throw NotLedError(lease: lease)
    }
    return inference.creationTimestamp.map { $0 >= installed } ?? false
  }

  private var untilSettled: Duration? {
    guard let made = inference.creationTimestamp else { return nil }
    let age = context.now() - made
    // Clocks may differ.
    return age >= .zero && age < Self.settlingPeriod ? Self.settlingPeriod - age : nil
  }

  // MARK: Problems

  private var ownProblems: [Problem] {
    let own = Document(inference).location(of: .root)
    return diagnostics.problems.filter { $0.location.hasPrefix(own) }
  }

  private static func sentences(_ problems: [Problem]) -> [String] { problems.map(\.description) }

  private var unknownPredictors: [String] {
    let names = Inference.decode(inference).inference.predictors.map(\.name)
    return (settings.predictors ?? []).filter { !names.contains($0) }.map { name in
      "setting predictors: no predictor is named \"\(name)\"; there is "
        + names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
  }

  /// Annotates the Inference with what is wrong, and tells of it where it is new.
  private func tell(_ problems: [String]) async throws {
    let text = problems.isEmpty ? nil : problems.joined(separator: "\n")
    guard inference.annotations[ClusterNames.problem] != text else { return }
    _ = try await context.client.patch(
      .inferences, inference.key, .annotation(ClusterNames.problem, text))
    if let text { await notify("TuningProblem", text, severity: .warning) }
  }

  func notify(
    _ reason: String, _ message: String, severity: Notice.Severity = .normal,
    experiment: String? = nil
  ) async {
    await context.notify(
      Notice(inference, severity, reason: reason, message, experiment: experiment))
  }
}

/// Before a daemon leads, nobody can say what was there before it.
struct NotLedError: Error, Hashable, CustomStringConvertible {
  let lease: ObjectKey

  var description: String {
    "\(ObjectReference(.leases, lease)): isn't there; the Lease of a daemon that leads is needed, "
      + "since its age tells which Inferences are new"
  }
}

extension ControllerContext {
  /// The settings of an Inference, and every problem of what they come from.
  func settings(
    of inference: KubernetesObject
  ) async throws -> (settings: InferenceSettings, diagnostics: Diagnostics) {
    func configMap(in namespace: String?) async throws -> KubernetesObject? {
      try await client.find(
        .configMaps, ObjectKey(namespace: namespace, name: MorphlingConfiguration.name))
    }
    return MorphlingConfiguration.settings(
      of: inference, cluster: try await configMap(in: namespace),
      namespace: try await configMap(in: inference.namespace))
  }
}
