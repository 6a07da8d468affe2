package import Kubernetes
import Tuning

/// What was changed at one place of a service's spec, and can be changed back.
package struct SpecChange: Hashable, Sendable {
  /// Which of the two values is meant.
  package enum Side: Hashable, Sendable {
    case old, new
  }

  package let place: SpecPlace
  /// Nil where nothing was there.
  let old: JSONValue?
  /// Nil where nothing is to be there.
  let new: JSONValue?

  /// For the way back: `resources.limits.cpu 1 → 2`.
  package var reversed: String { SpecChange(place: place, old: new, new: old).description }

  package func value(_ side: Side) -> JSONValue? { side == .old ? old : new }
}

extension SpecChange: CustomStringConvertible {
  /// `resources.limits.cpu 2 → 1`
  package var description: String {
    "\(place) \(place.text(of: old)) → \(place.text(of: new))"
  }
}

// MARK: - Finding

extension SpecChange {
  /// What differs between two forms of a container, in what parameters may set.
  static func changes(
    from old: TunedContainer, to new: TunedContainer, _ parameters: [Parameter]
  ) -> [SpecChange] {
    var seen: Set<SpecPlace> = []
    return parameters.flatMap(\.target.places).filter { seen.insert($0).inserted }
      .compactMap { place in
        let values = (old.value(at: place), new.value(at: place))
        return place.isSame(values.0, values.1)
          ? nil : SpecChange(place: place, old: values.0, new: values.1)
      }
  }
}

extension TunedContainer {
  /// The container of an Inference's predictor, both by name; nil where one of them isn't there.
  package init?(inference document: JSONValue, predictor: String, container: String) {
    let predictors = document["spec"]?["predictors"]?.array ?? []
    guard let index = predictors.firstIndex(where: { $0["name"]?.scalarText == predictor }) else {
      return nil
    }
    let place = JSONPointer(["spec", "predictors", String(index)])
    self.init(document, pod: place.appending("template", "spec"), container, predictor: place)
  }

  /// The container of a Deployment; nil where it isn't there.
  package init?(deployment document: JSONValue, container: String) {
    self.init(
      document, pod: JSONPointer(["spec", "template", "spec"]), container, predictor: nil)
  }

  private init?(
    _ document: JSONValue, pod: JSONPointer, _ container: String, predictor: JSONPointer?
  ) {
    let list = pod.appending("containers")
    let containers = document[list]?.array ?? []
    guard let index = containers.firstIndex(where: { $0["name"]?.scalarText == container }) else {
      return nil
    }
    self.init(document: document, predictor: predictor, pointer: list.appending(index))
  }

  /// Changes in the form that they have here: from what stands here.
  package func changes(_ changes: [SpecChange]) -> [SpecChange] {
    changes.filter { has($0.place) }.compactMap { change in
      let present = value(at: change.place)
      return change.place.isSame(present, change.new)
        ? nil : SpecChange(place: change.place, old: present, new: change.new)
    }
  }

  /// Places that hold another value than that side of the changes, each as a sentence.
  package func differences(from changes: [SpecChange], _ side: SpecChange.Side) -> [String] {
    changes.filter { has($0.place) }.compactMap { change in
      let present = value(at: change.place)
      let wanted = change.value(side)
      guard !change.place.isSame(present, wanted) else { return nil }
      return "\(change.place) is \(change.place.text(of: present)), not "
        + change.place.text(of: wanted)
    }
  }

  package func holds(_ changes: [SpecChange], _ side: SpecChange.Side) -> Bool {
    differences(from: changes, side).isEmpty
  }

  /// The document's changes that bring one side of them to it, with tests of the names of predictor
  /// and container and of every value that is replaced.
  package func patch(
    bringing changes: [SpecChange], _ side: SpecChange.Side
  ) throws(JSONPatchError) -> JSONPatch {
    var builder = PatchBuilder(document)
    try pinNames(&builder)
    for change in changes { try write(change.value(side), at: change.place, &builder) }
    return builder.patch
  }

  /// Tests that predictor and container are still those of their names.
  func pinNames(_ builder: inout PatchBuilder) throws(JSONPatchError) {
    if let predictor { try builder.pin(predictor.appending("name")) }
    try builder.pin(pointer.appending("name"))
  }
}

// MARK: - JSON

extension SpecChange {
  package var json: JSONValue {
    let (kind, name) = place.words
    return .object(
      JSONObject(present: [
        ("place", .string(kind)), ("name", name.map(JSONValue.string)), ("old", old), ("new", new),
      ]))
  }

  /// Nil for what another version wrote.
  package init?(_ json: JSONValue) {
    guard let place = SpecPlace(json["place"]?.string ?? "", name: json["name"]?.string) else {
      return nil
    }
    self.init(place: place, old: json["old"], new: json["new"])
  }
}

extension SpecPlace {
  fileprivate var words: (kind: String, name: String?) {
    switch self {
    case .limit(let name): ("limits", name)
    case .request(let name): ("requests", name)
    case .variable(let name): ("env", name)
    case .arguments: ("args", nil)
    case .command: ("command", nil)
    case .batchSize: ("batchSize", nil)
    }
  }

  fileprivate init?(_ kind: String, name: String?) {
    switch (kind, name) {
    case ("limits", let name?): self = .limit(name)
    case ("requests", let name?): self = .request(name)
    case ("env", let name?): self = .variable(name)
    case ("args", nil): self = .arguments
    case ("command", nil): self = .command
    case ("batchSize", nil): self = .batchSize
    default: return nil
    }
  }
}
