import CustomResources
import Kubernetes
import Reporting

/// How the experiments of a cluster stand, each by its name, as metrics. Trials have series of
/// their own only while they run.
struct ExperimentFigures {
  let experiments: [KubernetesObject]
  let trials: [KubernetesObject]
  let now: Timestamp

  private static let labels = ["namespace", "experiment"]

  var families: [MetricFamily] {
    [
      .gauge(
        "morphling_experiment_trials", "Trials of an experiment by state.",
        labels: Self.labels + ["state"], trialCounts),
      .gauge(
        "morphling_experiment_trials_limit", "Trials that an experiment may take.",
        labels: Self.labels, series { $0.status?["trialsLimit"]?.integer.map(Double.init) }),
      .gauge(
        "morphling_experiment_best_objective",
        "Objective of the best feasible trial so far, as measured.", labels: Self.labels,
        series { experiment in
          experiment.status?["currentOptimalTrial"]?["objectiveMetricsObserved"]?.array?.first?[
            "value"]?.scalarText.flatMap(Double.init)
        }),
      .gauge(
        "morphling_trial_running_seconds", "For how long a trial has run.",
        labels: Self.labels + ["trial"], running),
    ]
  }

  private static func place(_ object: KubernetesObject, _ experiment: String) -> [String] {
    [object.namespace ?? "", experiment]
  }

  private func series(_ value: (KubernetesObject) -> Double?) -> [[String]: Double] {
    let pairs = experiments.compactMap { experiment in
      value(experiment).map { (Self.place(experiment, experiment.name), $0) }
    }
    return Dictionary(pairs) { $1 }
  }

  private var trialCounts: [[String]: Double] {
    let states = ["Pending", "Running", "Succeeded", "Failed"]
    let pairs = experiments.flatMap { experiment in
      states.compactMap { state in
        experiment.status?["trials\(state)"]?.integer.map { count in
          (Self.place(experiment, experiment.name) + [state.lowercased()], Double(count))
        }
      }
    }
    return Dictionary(pairs) { $1 }
  }

  private var running: [[String]: Double] {
    let pairs = trials.compactMap { trial -> ([String], Double)? in
      guard trial.status?["phase"]?.string == TrialPhase.running.rawValue,
        let experiment = trial.controller?.name,
        let start = trial.status?["startTime"]?.string.flatMap(Timestamp.init)
      else { return nil }
      return (Self.place(trial, experiment) + [trial.name], (now - start) / .seconds(1))
    }
    return Dictionary(pairs) { $1 }
  }
}
