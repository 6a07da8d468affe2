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
    let (definition, diagnostics) = ExperimentDefinition.decode(experiment, inference: inference)
    guard let definition, let target = definition.target else { return .invalid(diagnostics) }
    let settings = try await settings(inference)
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
          model: model, trials: FittingTrials(trialObjects, in: definition.space)))
    } catch let error as ModelNotBuiltError {
      return .waiting(reason: ModelNotBuiltError.reason, message: "\(error)")
    }
  }

  private func settings(_ inference: KubernetesObject?) async throws -> InferenceSettings {
    func configMap(in namespace: String?) async throws -> KubernetesObject? {
      try await context.client.find(
        .configMaps, ObjectKey(namespace: namespace, name: MorphlingConfiguration.name))
    }
    // What is wrong with settings is said where an Inference is taken up.
    return MorphlingConfiguration.settings(
      of: inference ?? experiment, cluster: try await configMap(in: context.namespace),
      namespace: try await configMap(in: experiment.namespace)
    ).settings
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
