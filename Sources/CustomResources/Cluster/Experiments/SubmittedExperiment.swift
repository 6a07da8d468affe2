package import Kubernetes
import Tuning

/// What a user asks a cluster to tune, as the objects to make of it: decoded and checked like a run
/// on one machine, with the options written into the experiment.
package struct SubmittedExperiment: Sendable {
  package let experiment: KubernetesObject
  /// Nil where there is one in the cluster already, or none is needed.
  package let inference: KubernetesObject?
  package let definition: ExperimentDefinition
  package let warnings: [Problem]

  /// What is asked for.
  package struct Request: Sendable {
    package var manifests: [Manifest]
    /// The Inference to tune where the manifests have no experiment.
    package var inference: String?
    package var overrides: Overrides
    /// Nil for what the experiment says itself.
    package var mode: InferenceSettings.Mode?
    package var namespace: String
    /// The contents of a file that the experiment names for the body of requests.
    package var bodyFile: @Sendable (_ path: String) -> [UInt8]?

    package init(
      manifests: [Manifest], inference: String? = nil, overrides: Overrides = Overrides(),
      mode: InferenceSettings.Mode? = nil, namespace: String,
      bodyFile: @escaping @Sendable (_ path: String) -> [UInt8]? = { _ in nil }
    ) {
      self.manifests = manifests
      self.inference = inference
      self.overrides = overrides
      self.mode = mode
      self.namespace = namespace
      self.bodyFile = bodyFile
    }
  }

  /// - Parameter live: the Inference in the cluster that the request is about; it counts before one
  ///   in a manifest.
  /// - Throws: every problem of the request.
  package init(_ request: Request, live: KubernetesObject?) throws(Diagnostics) {
    let manifests = request.manifests.map { manifest in
      manifest.removing { $0.kind == "Inference" && $0.metadata.name == live?.name }
    }
    let all = manifests + (live.map { [Manifest([$0])] } ?? [])
    var (read, diagnostics) = ExperimentDefinition.decode(all, overrides: request.overrides)
    diagnostics.problems += Self.namespaceProblems(request)
    guard let definition = read, !diagnostics.hasErrors else { throw diagnostics }
    let writer = ExperimentWriter(request: request, definition: definition)
    let experiment = try writer.experiment()
    let given = try writer.inference(live: live)
    let (again, problems) = ExperimentDefinition.decode(experiment, inference: live ?? given)
    diagnostics.problems += problems.errors
    guard let again else { throw diagnostics }
    diagnostics.problems += writer.imageProblems(again)
    guard !diagnostics.hasErrors else { throw diagnostics }
    self.experiment = experiment
    self.inference = live == nil ? given : nil
    self.definition = definition
    self.warnings = diagnostics.warnings
  }

  /// The Inference that a request is about; nil where its experiment has a pod template.
  package static func inferenceName(of request: Request) -> String? {
    if let name = request.inference { return name }
    let documents = request.manifests.flatMap(\.documents)
    if let experiment = documents.first(where: { $0.kind == "ProfilingExperiment" })?.value {
      if let name = experiment["spec"]?["targetRef"]?["name"]?.string { return name }
      if experiment["spec"]?["servicePodTemplate"] != nil { return nil }
    }
    let inferences = documents.filter { $0.kind == "Inference" }
    return inferences.count == 1 ? inferences[0].metadata.name : nil
  }

  /// The namespace that the objects themselves name; the first where they differ.
  package static func namespace(of manifests: [Manifest]) -> String? {
    manifests.flatMap(\.documents).lazy.compactMap(\.metadata.namespace).first
  }

  private static func namespaceProblems(_ request: Request) -> [Problem] {
    request.manifests.flatMap(\.documents).compactMap { document in
      guard let namespace = document.metadata.namespace, namespace != request.namespace else {
        return nil
      }
      return Problem(
        .error, at: document.location(of: JSONPointer(["metadata", "namespace"])),
        found: "\"\(namespace)\"",
        needed: "all objects have to be in one namespace, here \(request.namespace)")
    }
  }
}

extension Diagnostics: Error {}

/// Makes objects for the API server of what was decoded.
private struct ExperimentWriter {
  let request: SubmittedExperiment.Request
  let definition: ExperimentDefinition

  private var document: Document? {
    if let text = definition.derivedText {
      return Manifest(text, file: "derived experiment").documents.first
    }
    return request.manifests.flatMap(\.documents).first { $0.kind == "ProfilingExperiment" }
  }

  func experiment() throws(Diagnostics) -> KubernetesObject {
    var object = KubernetesObject(
      .profilingExperiments, ObjectKey(namespace: request.namespace, name: definition.name))
    let metadata = document?.metadata
    object.labels = metadata?.labels ?? [:]
    var annotations = metadata?.annotations ?? [:]
    if let mode = request.mode { annotations[ClusterNames.mode] = mode.rawValue }
    object.annotations = annotations
    var spec = request.overrides.written(into: document?.value["spec"]?.object ?? JSONObject())
    if spec["targetRef"] == nil, spec["servicePodTemplate"] == nil {
      spec["targetRef"] = targetReference
    }
    if request.mode ?? .off != .off, spec["targetRef"] == nil {
      throw problem(
        "--mode", "an experiment with a pod template of its own",
        "only an Inference can be written to: leave it out")
    }
    if case .file(let path) = definition.stressTest.body { try inline(path, into: &spec) }
    object.spec = .object(spec)
    return object
  }

  private var targetReference: JSONValue? {
    definition.target.map { target in
      var reference = JSONObject([("kind", "Inference"), ("name", .string(target.metadata.name))])
      reference["predictor"] = target.predictorName.map(JSONValue.string)
      reference["container"] = .string(target.container.name)
      return .object(reference)
    }
  }

  /// A file is not in the cluster, so its contents go into the experiment.
  private func inline(_ path: String, into spec: inout JSONObject) throws(Diagnostics) {
    guard let bytes = request.bodyFile(path) else {
      throw problem(
        "spec.stressTest.bodyFile", "no readable file \"\(path)\"",
        "name a file beside the manifest")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem(
        "spec.stressTest.bodyFile", "\"\(path)\" is not text in UTF-8",
        "an object of the API server can't hold other bytes; a text is needed")
    }
    var test = spec["stressTest"]?.object ?? JSONObject()
    test["bodyFile"] = nil
    test["body"] = .string(text)
    // What follows from the file's name is to be said now.
    if !definition.stressTest.headers.isEmpty {
      test["headers"] = .object(
        JSONObject(definition.stressTest.headers.map { ($0.name, .string($0.value)) }))
    }
    spec["stressTest"] = .object(test)
  }

  /// The manifest's Inference, not to be tuned by itself as well; nil where none is needed.
  func inference(live: KubernetesObject?) throws(Diagnostics) -> KubernetesObject? {
    guard let name = SubmittedExperiment.inferenceName(of: request), live == nil else { return nil }
    let document = request.manifests.flatMap(\.documents).first {
      $0.kind == "Inference" && $0.metadata.name == name
    }
    guard let document else { return nil }
    var object = KubernetesObject(document.value)
    object.namespace = request.namespace
    object.status = nil
    var annotations = object.annotations
    if annotations[ClusterNames.tuning] == nil {
      annotations[ClusterNames.tuning] = InferenceSettings.Switch.off.rawValue
    }
    object.annotations = annotations
    return object
  }

  /// A local process needs no image; a pod does.
  func imageProblems(_ definition: ExperimentDefinition) -> [Problem] {
    guard let target = definition.target else { return [] }
    let list = JSONPointer(Array(target.pointer.tokens.dropLast()))
    let file = "\(target.kind) \(target.metadata.name)"
    return (target.document[list]?.array ?? []).enumerated().compactMap { index, container in
      let image = container["image"]?.string ?? ""
      guard image.isEmpty else { return nil }
      let document = Document(file: file, value: target.document)
      return Problem(
        .error, at: document.location(of: list.appending(index).appending("image")),
        found: "nothing", needed: "a pod needs an image that the cluster can pull")
    }
  }

  private func problem(_ place: String, _ found: String, _ needed: String) -> Diagnostics {
    Diagnostics([Problem(.error, at: place, found: found, needed: needed)])
  }
}
