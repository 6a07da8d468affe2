import CustomResources
import Kubernetes
import Tuning

extension InferenceRound {
  /// Results of so many experiments of a predictor are kept.
  private static let generationsKept = 5
  /// How the annotation begins by which we stop an experiment ourselves.
  private static let stopped = "morphling: "

  /// Sees to it that a predictor is tuned as it is now, or no longer.
  /// - Parameter isReadable: whether all settings could be read; where not, nothing new begins.
  func take(
    _ predictor: Inference.Predictor, isReadable: Bool, telling problems: inout [String]
  ) async throws {
    let name = predictor.name
    let earlier = managed.filter { $0.predictor == name }
    let others = foreign.filter { Self.concerns($0, name) }
    if let why = reasonToStop(name, others) {
      for experiment in earlier { try await stop(experiment, why) }
      return
    }
    guard isReadable else { return }
    guard let latest = earlier.last else {
      // Whoever writes one of his own has it tuned his way.
      guard others.isEmpty else { return }
      return try await make(name, generation: 1, after: nil, telling: &problems)
    }
    let revision = ServedRevision(inference, predictor: name)
    if let before = latest.revision, let revision, before != revision {
      try await make(
        name, generation: latest.generation + 1, after: before.changes(to: revision),
        telling: &problems)
      return try await forget(earlier.dropLast(Self.generationsKept - 1))
    }
    try await keep(latest)
    // Only the newest recommendation is written back.
    for experiment in earlier.dropLast() { try await give(.off, to: experiment) }
    if others.contains(where: { Self.writesAfter($0, latest) }) { try await give(.off, to: latest) }
  }

  /// Whether an experiment that somebody made writes back what it found after ours.
  private static func writesAfter(_ other: KubernetesObject, _ ours: ManagedExperiment) -> Bool {
    guard InferenceSettings.Mode.of(other) != .off, let made = other.creationTimestamp else {
      return false
    }
    return ours.object.creationTimestamp.map { $0 <= made } ?? true
  }

  // MARK: Stopping

  private func reasonToStop(_ predictor: String, _ others: [KubernetesObject]) -> String? {
    guard settings.tunes(predictor) else { return "tuning of the predictor is off" }
    return others.first { $0.phase?.isOver != true }
      .map { "experiment \($0.name), which somebody made, takes its place" }
  }

  /// Whether an experiment is about a predictor; one that names none may be.
  private static func concerns(_ experiment: KubernetesObject, _ predictor: String) -> Bool {
    experiment.spec?["targetRef"]?["predictor"]?.string.map { $0 == predictor } ?? true
  }

  private func stop(_ experiment: ManagedExperiment, _ why: String) async throws {
    let object = experiment.object
    guard object.phase?.isOver != true, object.annotations[ClusterNames.cancel] == nil else {
      return
    }
    _ = try await context.client.patch(
      .profilingExperiments, object.key, .annotation(ClusterNames.cancel, Self.stopped + why))
    await notify(
      "TuningStopped", "experiment \(object.name): \(why)", experiment: object.name)
  }

  // MARK: Going on

  /// What we stopped goes on, and the mode of writing back follows the settings.
  private func keep(_ experiment: ManagedExperiment) async throws {
    let object = experiment.object
    if object.annotations[ClusterNames.cancel]?.hasPrefix(Self.stopped) == true {
      _ = try await context.client.patch(
        .profilingExperiments, object.key, .annotation(ClusterNames.cancel, nil))
      await notify("TuningResumed", "experiment \(object.name) goes on", experiment: object.name)
    }
    guard object.annotations[ClusterNames.modeGiven] != settings.mode.rawValue else { return }
    let mode = JSONValue.string(settings.mode.rawValue)
    let annotations = JSONObject([(ClusterNames.mode, mode), (ClusterNames.modeGiven, mode)])
    _ = try await context.client.patch(
      .profilingExperiments, object.key,
      .merge(["metadata": ["annotations": .object(annotations)]]))
  }

  private func give(_ mode: InferenceSettings.Mode, to experiment: ManagedExperiment) async throws {
    guard InferenceSettings.Mode.of(experiment.object) != mode else { return }
    _ = try await context.client.patch(
      .profilingExperiments, experiment.object.key,
      .annotation(ClusterNames.mode, mode.rawValue))
  }

  // MARK: Making

  /// Finished experiments of other services of the namespace, the newest last: what they found may
  /// hold for this one, too. The search sees how far.
  private var teachers: [String] {
    neighbours
      .filter {
        $0.phase?.isOver == true
          && ($0.status?["trialsSucceeded"]?.integer ?? 0) >= Self.trialsThatTeach
      }
      .sorted {
        ($0.creationTimestamp?.microseconds ?? 0) < ($1.creationTimestamp?.microseconds ?? 0)
      }
      .suffix(Self.teachersMax).map(\.name)
  }

  private static let trialsThatTeach = 3
  private static let teachersMax = 5

  private func make(
    _ predictor: String, generation: Int, after changes: String?, telling problems: inout [String]
  ) async throws {
    // What says most of the predictor comes last.
    let others =
      managed.filter { $0.predictor != predictor } + managed.filter { $0.predictor == predictor }
    let known = (foreign + others.map(\.object)).filter {
      ($0.status?["trialsSucceeded"]?.integer ?? 0) > 0
    }
    let (made, found) = ManagedExperiment.make(
      for: inference, predictor: predictor, settings: settings, generation: generation,
      earlier: known.map(\.name), neighbours: teachers)
    guard let made, !found.hasErrors else {
      return problems += found.errors.map(\.description)
    }
    let (definition, problemsOfIt) = ExperimentDefinition.decode(made, inference: inference)
    guard let definition, !problemsOfIt.hasErrors else {
      return problems += problemsOfIt.errors.map { "predictor \(predictor): \($0)" }
    }
    do {
      _ = try await context.client.create(.profilingExperiments, made)
    } catch let failure as APIFailure {
      switch failure.reason {
      case .alreadyExists:
        // An earlier round made it, and its answer was lost; or it isn't ours.
        let present = try await context.client.find(.profilingExperiments, made.key)
        if let present, ManagedExperiment(present, of: inference) == nil {
          problems.append(
            "predictor \(predictor): \(ObjectReference(.profilingExperiments, made.key)) is there "
              + "and isn't this Inference's; delete it, or rename the Inference or the predictor")
        }
        return
      case .invalid: return problems.append("predictor \(predictor): \(failure)")
      default: throw failure
      }
    }
    let size =
      "at most \(definition.limits.trialsMax) trials of \(definition.space.count) configurations"
    await notify(
      changes == nil ? "TuningStarted" : "TuningAgain",
      "predictor \(predictor): " + (changes.map { "\($0); " } ?? "")
        + "experiment \(made.name) was made, with \(size)", experiment: made.name)
  }

  /// Old results go; their experiments take their Trials along.
  private func forget(_ experiments: ArraySlice<ManagedExperiment>) async throws {
    for experiment in experiments where experiment.object.phase?.isOver == true {
      try await context.client.deleteIfPresent(
        .profilingExperiments, experiment.object.key, Deletion(uid: experiment.object.uid))
      await notify(
        "ExperimentForgotten",
        "experiment \(experiment.object.name) is older than the \(Self.generationsKept) that are "
          + "kept")
    }
  }
}
