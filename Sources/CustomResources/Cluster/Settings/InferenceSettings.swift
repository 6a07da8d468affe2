package import Kubernetes
package import Tuning

/// How the services of a cluster are tuned: the daemon's ConfigMap, what the namespace and the
/// Inference say beside it, and defaults for the rest.
package struct InferenceSettings: Hashable, Sendable {
  /// What becomes of a recommendation.
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    /// It stands in the experiment's status.
    case off = "Off"
    /// It is also annotated on the Inference, with the patch.
    case propose = "Propose"
    /// It is written into the Inference.
    case apply = "Apply"

    /// What an experiment's annotation says, `Off` without one; nil for a word that is no mode.
    package static func of(_ experiment: KubernetesObject) -> Mode? {
      guard let word = experiment.annotations[ClusterNames.mode] else { return .off }
      return allCases.first { $0.rawValue.lowercased() == word.lowercased() }
    }
  }

  package enum Switch: String, Hashable, Sendable, CaseIterable {
    case on, off
  }

  /// What trials may use of the cluster at a time.
  package struct Quota: Hashable, Sendable {
    /// Nil for no bound.
    package var trials: Int?
    /// By the name of the resource: the sum over all candidates.
    package var resources: [String: Quantity] = [:]
    package init() {}
  }

  package var tuning: Switch = .on
  /// Whether the Inference itself asks to be tuned, so that it is even if it was there before.
  package var isAskedFor = false
  package var mode: Mode = .propose
  /// Nil for all of them.
  package var predictors: [String]?
  package var bounds: [Overrides.Bound] = []
  package var objective: String?
  package var budget: Budget?
  package var parallelism = 1
  package var allowed = ResourceBounds()
  package var progressDeadline: Duration = .seconds(120)
  /// When the stress test of a trial is given up.
  package var trialDeadline: Duration = .seconds(900)
  /// How often a trial may be begun, where failing wasn't its own fault.
  package var attemptsMax = 3
  /// The image with this program, for stress tests.
  package var image = ""
  package var quota = Quota()
  /// The root of a Prometheus that knows what candidates use; nil where there is none.
  package var prometheus: ServerRoot?
  /// As in an experiment; nil for what is derived from the container.
  package var cost: JSONValue?
  package var tunableParameters: JSONValue?
  package var stressTest: JSONValue?

  package init() {}

  package func tunes(_ predictor: String) -> Bool {
    tuning == .on && predictors?.contains(predictor) ?? true
  }
}
