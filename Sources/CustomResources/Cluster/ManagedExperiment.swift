package import Kubernetes
import Tuning

/// The experiment that the daemon makes for a predictor of an Inference.
package enum ManagedExperiment {
  /// The object, owned by the Inference; nil where the predictor isn't there, with the problems
  /// of the Inference.
  package static func make(
    for inference: KubernetesObject, predictor: String, settings: InferenceSettings
  ) -> (object: KubernetesObject?, diagnostics: Diagnostics) {
    let log = ProblemLog()
    let read = InferenceReader(document: Field(Document(inference), log: log)).read()
    guard read.predictors.contains(where: { $0.name == predictor }) else {
      log.append(
        Problem(
          .error, at: Document(inference).location(of: JSONPointer(["spec", "predictors"])),
          found: "no predictor is named \"\(predictor)\"", needed: nil))
      return (nil, log.diagnostics)
    }
    guard !log.diagnostics.hasErrors else { return (nil, log.diagnostics) }
    let derived = DerivedExperiment(read, predictor: predictor).json["spec"]?.object
    var object = KubernetesObject(
      .profilingExperiments,
      ObjectKey(
        namespace: inference.namespace,
        name: ClusterNames.experiment(of: inference.name, predictor: predictor)),
      labels: [
        ClusterNames.managedLabel: "true", "app.kubernetes.io/managed-by": "morphling",
      ],
      annotations: [ClusterNames.mode: settings.mode.rawValue],
      owners: OwnerReference(controller: inference).map { [$0] } ?? [])
    object.spec = .object(spec(derived ?? JSONObject(), settings))
    return (object, log.diagnostics)
  }

  /// What was derived, with what the settings say in its place.
  private static func spec(_ derived: JSONObject, _ settings: InferenceSettings) -> JSONObject {
    var spec = derived
    if let objective = settings.objective.flatMap({ try? Overrides.objective($0) }) {
      spec.setObjective(objective)
    }
    if !settings.bounds.isEmpty {
      spec["constraints"] = .array(settings.bounds.map(\.json))
    }
    if let cost = settings.cost { spec["cost"] = cost }
    if let groups = settings.tunableParameters { spec["tunableParameters"] = groups }
    if let test = settings.stressTest { spec["stressTest"] = test }
    if let budget = settings.budget { spec.setBudget(budget) }
    spec["parallelism"] = .integer(settings.parallelism)
    spec["serviceProgressDeadline"] = .string(DurationText.text(settings.progressDeadline))
    return spec
  }
}
