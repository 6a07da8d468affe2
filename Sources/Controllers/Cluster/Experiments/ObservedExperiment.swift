import CustomResources
import Kubernetes
import StressTest
import Tuning

/// An experiment of a cluster with all that decides what to do next.
struct ObservedExperiment: Sendable {
  let object: KubernetesObject
  let definition: ExperimentDefinition
  let target: TunedContainer
  let settings: InferenceSettings
  let model: ModelLoading?
  let trials: FittingTrials
  /// What its author should know.
  let warnings: [Problem]

  /// The search, with the trials as they are given.
  func experiment(
    with trials: [Trial], earlier: [Study] = [], neighbours: [Study] = []
  ) -> Experiment {
    Experiment(
      object, definition, trials: trials, lastOrdinal: self.trials.lastOrdinal, earlier: earlier,
      neighbours: neighbours)
  }

  var policy: TrialObservation.Policy {
    TrialObservation.Policy(
      container: target.container.name, progressDeadline: definition.progressDeadline,
      attemptsMax: settings.attemptsMax)
  }

  /// Where to ask what a candidate uses; nil where nobody knows.
  func usageSource(of deployment: ObjectKey) -> UsageSource? {
    settings.prometheus.map {
      // A pod is named by its Deployment, the hash of its ReplicaSet, and letters of its own.
      let name = deployment.name.split(separator: ".", omittingEmptySubsequences: false)
        .joined(separator: "[.]")
      return UsageSource(
        prometheus: $0, namespace: deployment.namespace ?? object.namespace ?? "default",
        pods: name + "-[a-z0-9]+-[a-z0-9]+", container: target.container.name)
    }
  }

  func objects(of trial: TrialObject) throws -> CandidateObjects {
    try CandidateObjects(
      trial: trial.object, experiment: object.name, definition: definition, target: target,
      configuration: trial.configuration, model: model)
  }
}

extension Experiment {
  /// Of a cluster: the same for whoever reads the same objects.
  init(
    _ object: KubernetesObject, _ definition: ExperimentDefinition, trials: [Trial],
    lastOrdinal: Int?, earlier: [Study] = [], neighbours: [Study] = []
  ) {
    var study = definition.study(seed: SeededGenerator.seed(of: object.uid ?? object.name))
    study.trials = trials
    self.init(
      study: study, baseline: definition.baseline, parallelism: definition.parallelism,
      lastOrdinal: lastOrdinal, earlier: earlier, neighbours: neighbours)
  }
}

/// What reading an experiment comes to.
enum ExperimentReading: Sendable {
  case ready(ObservedExperiment)
  /// Something that it needs isn't there yet.
  case waiting(reason: String, message: String)
  case invalid(Diagnostics)
  /// What it tunes has changed, in these words.
  case superseded(String)
}
