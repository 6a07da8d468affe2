package import Kubernetes
import Tuning

/// The experiment that the daemon makes for a predictor of an Inference.
package struct ManagedExperiment: Hashable, Sendable {
  package let object: KubernetesObject
  package let predictor: String
  /// Counts the experiments of the predictor, from 1.
  package let generation: Int
  /// What it tunes; nil where that wasn't noted.
  package let revision: ServedRevision?

  /// Nil for an experiment that somebody else made, or of another Inference.
  package init?(_ object: KubernetesObject, of inference: KubernetesObject) {
    guard object.isOwned(by: inference), object.labels[ClusterNames.managedLabel] == "true",
      let predictor = object.spec?["targetRef"]?["predictor"]?.string
    else { return nil }
    self.object = object
    self.predictor = predictor
    self.generation = object.annotations[ClusterNames.generation].flatMap { Int($0) } ?? 1
    self.revision = object.annotations[ClusterNames.revision].flatMap { ServedRevision($0) }
  }
}

// MARK: - Making

extension ManagedExperiment {
  /// The object, owned by the Inference; nil where no experiment can be made of it, with every
  /// problem found.
  /// - Parameters:
  ///   - earlier: experiments of the same Inference, whose results are known.
  ///   - neighbours: those of other Inferences.
  package static func make(
    for inference: KubernetesObject, predictor name: String, settings: InferenceSettings,
    generation: Int = 1, earlier: [String] = [], neighbours: [String] = []
  ) -> (object: KubernetesObject?, diagnostics: Diagnostics) {
    let log = ProblemLog()
    let read = InferenceReader(document: Field(Document(inference), log: log)).read()
    guard let predictor = read.predictors.first(where: { $0.name == name }) else {
      log.append(
        Problem(
          .error, at: Document(inference).location(of: JSONPointer(["spec", "predictors"])),
          found: "no predictor is named \"\(name)\"", needed: nil))
      return (nil, log.diagnostics)
    }
    let problems = log.diagnostics.leavingOut(othersThan: name, of: inference)
    guard !problems.hasErrors else { return (nil, problems) }
    let derived = DerivedExperiment(read, predictor: name).json["spec"]?.object
    var object = KubernetesObject(
      .profilingExperiments,
      ObjectKey(
        namespace: inference.namespace,
        name: ClusterNames.experiment(
          of: inference.name, predictor: name, generation: generation)),
      labels: [
        ClusterNames.managedLabel: "true", "app.kubernetes.io/managed-by": "morphling",
      ],
      annotations: [
        ClusterNames.mode: settings.mode.rawValue,
        ClusterNames.modeGiven: settings.mode.rawValue,
        ClusterNames.generation: String(generation),
        ClusterNames.revision: ServedRevision(
          predictor, framework: read.framework, written: WriteBackRecord.all(of: inference)[name]
        ).text,
      ],
      owners: OwnerReference(controller: inference).map { [$0] } ?? [])
    for (annotation, names) in [
      (ClusterNames.earlier, earlier), (ClusterNames.neighbours, neighbours),
    ] where !names.isEmpty {
      object.annotations[annotation] = names.joined(separator: ",")
    }
    object.spec = .object(spec(derived ?? JSONObject(), settings))
    return (object, problems)
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
    if let cost = settings.cost { spec["cost"] = .array(prices(cost, beside: derived["cost"])) }
    if let groups = settings.tunableParameters { spec["tunableParameters"] = groups }
    if let test = settings.stressTest { spec["stressTest"] = test }
    if let budget = settings.budget { spec.setBudget(budget) }
    spec["parallelism"] = .integer(settings.parallelism)
    spec["serviceProgressDeadline"] = .string(DurationText.text(settings.progressDeadline))
    return spec
  }
}

extension ManagedExperiment {
  /// The settings' prices; a GPU that they don't name keeps the derived one, or it would be free.
  private static func prices(_ cost: JSONValue, beside derived: JSONValue?) -> [JSONValue] {
    let given = cost.array ?? []
    let named = Set(given.compactMap { $0["resource"]?.string })
    let others = (derived?.array ?? []).filter { price in
      price["resource"]?.string.map { $0.contains("/") && !named.contains($0) } ?? false
    }
    return given + others
  }
}

extension Diagnostics {
  /// Without what is wrong with other predictors.
  fileprivate func leavingOut(
    othersThan predictor: String, of inference: KubernetesObject
  ) -> Diagnostics {
    let document = Document(inference)
    let all = JSONPointer(["spec", "predictors"])
    let others = (inference.spec?["predictors"]?.array ?? []).enumerated()
      .filter { $0.element["name"]?.string != predictor }
      .map { document.location(of: all.appending($0.offset)) }
    return Diagnostics(
      problems.filter { problem in !others.contains { problem.location.hasPrefix($0) } })
  }
}
