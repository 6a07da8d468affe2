import Kubernetes
import Tuning

/// Finds the container that an experiment tunes.
struct TargetReader {
  let inferences: [Field]

  /// By `targetRef`, else the experiment's own pod template, else the only Inference there is.
  func read(_ spec: Field) -> TunedContainer? {
    let reference = spec["targetRef"]
    let template = spec["servicePodTemplate"]
    if reference.exists {
      if template.exists {
        template.warn("servicePodTemplate beside targetRef", needed: "targetRef is used")
      }
      return referenced(reference)
    }
    if template.exists { return embedded(template) }
    guard let inference = inferences.first else {
      spec.error(
        "no service to tune", needed: "give targetRef and an Inference, or servicePodTemplate")
      return nil
    }
    guard inferences.count == 1 else {
      reference.error(
        "no targetRef, and \(inferences.count) Inferences",
        needed: "name one of \(Self.list(inferences.map(\.document.metadata.name)))")
      return nil
    }
    return container(of: inference, predictor: nil, container: nil, default: inference)
  }

  private func referenced(_ reference: Field) -> TunedContainer? {
    let known = ["apiVersion", "kind", "name", "predictor", "container"]
    guard reference.isMapping(of: known) else { return nil }
    if let kind = reference["kind"].text, kind != "Inference" {
      reference["kind"].error("unknown kind \"\(kind)\"", needed: "give Inference")
      return nil
    }
    guard let name = reference["name"].text else {
      return reference["name"].exists
        ? nil : reference["name"].mismatch("the name of an Inference is needed")
    }
    guard let inference = inferences.first(where: { $0.document.metadata.name == name }) else {
      let names = inferences.map(\.document.metadata.name)
      reference["name"].error(
        "no Inference is named \"\(name)\"",
        needed: names.isEmpty ? "give one in the same file" : "there is \(Self.list(names))")
      return nil
    }
    return container(
      of: inference, predictor: reference["predictor"], container: reference["container"],
      default: reference)
  }

  private func container(
    of inference: Field, predictor: Field?, container: Field?, default place: Field
  ) -> TunedContainer? {
    let predictors = inference["spec"]["predictors"].elements
    guard let index = choose(predictors, "predictor", by: predictor, default: place) else {
      return nil
    }
    let pod = predictors[index]["template"]["spec"]
    return tuned(
      inference, predictor: predictors[index].pointer, pod: pod, container: container,
      default: place)
  }

  private func embedded(_ template: Field) -> TunedContainer? {
    guard template.isMapping(of: ["apiVersion", "kind", "metadata", "template"]) else { return nil }
    let root = Field(template.document, log: template.log)
    let pod = template["template"]["spec"]
    return tuned(root, predictor: nil, pod: pod, container: nil, default: template)
  }

  /// The named container, else the one named `predictor`, else the first: KubeDL's own rule.
  private func tuned(
    _ root: Field, predictor: JSONPointer?, pod: Field, container: Field?, default place: Field
  ) -> TunedContainer? {
    let containers = pod["containers"].elements
    guard !containers.isEmpty else {
      pod["containers"].error("no containers", needed: "give at least one")
      return nil
    }
    let names = containers.map { $0["name"].text }
    let fallback = names.firstIndex(of: "predictor") ?? 0
    let index =
      container?.exists ?? false
      ? choose(containers, "container", by: container, default: place) : fallback
    guard let index else { return nil }
    checkResources(containers[index]["resources"])
    return TunedContainer(
      document: root.document.value, predictor: predictor, pointer: containers[index].pointer)
  }

  /// The element with the wanted name; the only one where no name is wanted.
  private func choose(
    _ elements: [Field], _ what: String, by wanted: Field?, default place: Field
  ) -> Int? {
    let names = elements.compactMap { $0["name"].text }
    guard let wanted, wanted.exists else {
      if elements.count <= 1 { return elements.isEmpty ? nil : 0 }
      (wanted ?? place).error(
        "\(elements.count) \(what)s and no choice", needed: "name one of \(Self.list(names))")
      return nil
    }
    guard let name = wanted.text else { return nil }
    if let index = elements.firstIndex(where: { $0["name"].text == name }) { return index }
    wanted.error("no \(what) is named \"\(name)\"", needed: "there is \(Self.list(names))")
    return nil
  }

  private func checkResources(_ resources: Field) {
    for group in ["limits", "requests"] {
      guard let object = resources[group].value?.object else { continue }
      for name in object.keys { _ = resources[group][name].quantity }
    }
  }

  private static func list(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}
