package import Kubernetes

/// A decision or a finding that people should hear of: it becomes an Event of its object, a line of
/// the log, and a count in the metrics.
package struct Notice: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// What it is about.
  package let subject: KubernetesObject
  package let severity: Severity
  /// One word in CamelCase: `TrialStarted`.
  package let reason: String
  /// One sentence.
  package let message: String
  /// The experiment's name, where there is one.
  package let experiment: String?
  /// The trial's name, where there is one.
  package let trial: String?

  package init(
    _ subject: KubernetesObject, _ severity: Severity = .normal, reason: String, _ message: String,
    experiment: String? = nil, trial: String? = nil
  ) {
    self.subject = subject
    self.severity = severity
    self.reason = reason
    self.message = message
    self.experiment = experiment
    self.trial = trial
  }
}
