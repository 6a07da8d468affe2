import BayesianOptimization
import CustomResources
import Kubernetes
import Tuning

extension ExperimentRound {
  /// What the experiment means, with the objects that it refers to.
  func read() async throws -> ExperimentReading {
    var inference: KubernetesObject?
    if let name = ExperimentDefinition.inferenceName(of: experiment) {
      let key = ObjectKey(namespace: experiment.namespace, name: name)
      inference = try await context.client.find(.inferences, key)
      guard inference != nil else {
        return .waiting(
          reason: "InferenceNotFound",
          message: "spec.targetRef.name: there is no Inference \(key); create it")
      }
    }
    if let inference, let changes = changes(since: experiment, in: inference) {
      return .superseded(changes)
    }
    let (definition, diagnostics) = ExperimentDefinition.decode(experiment, inference: inference)
    guard let definition, let target = definition.target else { return .invalid(diagnostics) }
    // What is wrong with settings is said where an Inference is taken up.
    let settings = try await context.settings(of: inference ?? experiment).settings
    guard !settings.image.isEmpty else {
      return .waiting(
        reason: "ImageUnknown",
        message: "ConfigMap \(context.namespace)/\(MorphlingConfiguration.name): no image; "
          + "the image with this program is needed for stress tests")
    }
    do {
      let model = try await context.client.model(
        ModelReference(of: target), in: experiment.namespace)
      return .ready(
        ObservedExperiment(
          object: experiment, definition: definition, target: target, settings: settings,
          model: model, trials: FittingTrials(trialObjects, in: definition.space),
          warnings: diagnostics.warnings))
    } catch let error as ModelNotBuiltError {
      return .waiting(reason: ModelNotBuiltError.reason, message: "\(error)")
    }
  }

  /// What is known from the experiments that this one names in an annotation, the latest first. One
  /// that is gone, or can't be read any more, tells nothing.
  func studies(named annotation: String) async throws -> [Study] {
    try await ExperimentSnapshot.teachers(annotation, of: experiment, from: context.client)
      .compactMap { try? ClusterStudy($0).study }
  }

  /// What the predictor serves otherwise than when the daemon made the experiment for it: trials of
  /// both would be mixed up. Nil where it is the same, or where somebody else made the experiment.
  func changes(
    since experiment: KubernetesObject, in inference: KubernetesObject
  ) -> String? {
    guard let managed = ManagedExperiment(experiment, of: inference),
      let before = managed.revision
    else { return nil }
    guard let now = ServedRevision(inference, predictor: managed.predictor) else {
      return "there is no predictor \(managed.predictor) any more"
    }
    return before == now ? nil : before.changes(to: now)
  }
}

extension ObservedExperiment {
  func study(_ trials: [Trial]) -> Study { experiment(with: trials).study }

  /// What the experiment ends with.
  func conclusion(_ study: Study, _ reason: StopReason) -> ExperimentStage {
    let model = StudyModel(study)
    switch model.conclusion() {
    case .nothingFeasible(let miss): return .infeasible(miss)
    case .recommended(let recommendation):
      return .recommended(
        RecommendationStatus(
          recommendation, definition: definition, study: study, sampling: model.sampling,
          stopReason: reason, allowed: settings.allowed))
    }
  }

  var trouble: ExperimentStatus.Trouble? {
    trials.misfits.first.map { first in
      let others = trials.misfits.count == 1 ? "" : ", and \(trials.misfits.count - 1) more"
      return ExperimentStatus.Trouble(
        reason: "TrialsIgnored",
        message: "trials that don't fit the experiment any more don't count: \(first)\(others)")
    }
  }
}
