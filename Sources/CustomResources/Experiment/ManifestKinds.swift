import Kubernetes

/// The objects of a manifest, sorted by what they are.
struct ManifestKinds {
  private(set) var experiments: [Field] = []
  private(set) var inferences: [Field] = []

  /// Reports objects of an unknown kind or version, and objects that are there twice.
  init(_ documents: [Document], log: ProblemLog) {
    var seen: [String: Document] = [:]
    for document in documents {
      let root = Field(document, log: log)
      guard Self.isObject(root) else { continue }
      let name = document.metadata.name
      let identity = "\(document.kind)/\(document.metadata.namespace ?? "")/\(name)"
      if let first = seen.updateValue(document, forKey: identity), !name.isEmpty {
        root["metadata"]["name"].error(
          "\(document.kind) \"\(name)\" is there twice, first at \(first.location(of: .root))",
          needed: "give every object once")
        continue
      }
      sort(root)
    }
  }

  private static func isObject(_ root: Field) -> Bool {
    guard root.value?.object != nil else {
      root.error(root.value?.summary ?? "nothing", needed: "a Kubernetes object is needed")
      return false
    }
    for key in ["apiVersion", "kind"] where root[key].value?.string == nil {
      root[key].error(
        root[key].value?.summary ?? "no \(key)", needed: "a Kubernetes object has one")
      return false
    }
    return true
  }

  private mutating func sort(_ root: Field) {
    let document = root.document
    switch document.kind {
    case "ProfilingExperiment":
      if Self.isVersion(root, of: ["morphling.kubedl.io/v1alpha1", "tuning.kubedl.io/v1alpha1"]) {
        experiments.append(root)
      }
    case "Inference":
      if Self.isVersion(root, of: ["serving.kubedl.io/v1alpha1"]) { inferences.append(root) }
    case let kind:
      let known = ["ProfilingExperiment", "Inference"]
      let isOurs = document.group.hasSuffix("kubedl.io")
      let resembles = Spelling.closest(to: kind, among: known) != nil
      if isOurs || resembles {
        root["kind"].error("unknown kind \"\(kind)\"", needed: Spelling.hint(kind, among: known))
      } else {
        root["kind"].warn("\(kind) is not used", needed: "only an Inference and an experiment are")
      }
    }
  }

  private static func isVersion(_ root: Field, of known: [String]) -> Bool {
    let version = root.document.apiVersion
    if known.contains(version) { return true }
    root["apiVersion"].error(
      "unknown apiVersion \"\(version)\" of \(root.document.kind)", needed: "give \(known[0])")
    return false
  }
}
