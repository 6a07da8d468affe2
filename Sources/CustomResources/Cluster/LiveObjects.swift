package import Kubernetes

extension Document {
  /// A live object as the readers take it; messages call it `ProfilingExperiment default/x`.
  package init(_ object: KubernetesObject) {
    self.init(file: "\(object.kind) \(object.key)", value: object.json)
  }
}

extension Manifest {
  /// Live objects as a manifest.
  package init(_ objects: [KubernetesObject]) {
    self.init(documents: objects.map(Document.init), file: objects.first?.key.description ?? "")
  }
}

extension ExperimentDefinition {
  /// The experiment of live objects, and every problem found.
  /// - Parameter inference: what `targetRef` names, where it is there.
  package static func decode(
    _ experiment: KubernetesObject, inference: KubernetesObject?, overrides: Overrides = Overrides()
  ) -> (definition: ExperimentDefinition?, diagnostics: Diagnostics) {
    let objects = [experiment] + (inference.map { [$0] } ?? [])
    var (definition, diagnostics) = decode([Manifest(objects)], overrides: overrides)
    if case .file(let name) = definition?.stressTest.body {
      diagnostics.problems.append(
        Problem(
          .error,
          at: Document(experiment).location(of: JSONPointer(["spec", "stressTest", "bodyFile"])),
          found: "the file \"\(name)\", which is not in the cluster", needed: "give body instead"))
      definition = nil
    }
    return (definition, diagnostics)
  }

  /// The name of the Inference that an experiment is about; nil where it has a pod template of
  /// its own.
  package static func inferenceName(of experiment: KubernetesObject) -> String? {
    experiment.spec?["targetRef"]?["name"]?.string
  }
}
