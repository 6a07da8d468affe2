package import Kubernetes

/// What a predictor serves, and by what program. Where this changes, what was measured of the
/// predictor is out of date.
///
/// All that a recommendation changes is left out, and so are replicas and labels.
package struct ServedRevision: Hashable, Sendable {
  private let fields: JSONObject

  /// In the order in which they are told.
  private static let names = ["framework", "modelVersion", "modelPath", "image", "command"]

  /// - Parameter written: what recommendations wrote into the predictor.
  package init(
    _ predictor: Inference.Predictor, framework: String, written: WriteBackRecord? = nil
  ) {
    let container = predictor.servingContainer
    let command = container?.json["command"].map { written?.command(behind: $0) ?? $0 }
    let values: [JSONValue?] = [
      .string(framework), predictor.modelVersion.map(JSONValue.string),
      predictor.modelPath.map(JSONValue.string), container?.json["image"], command,
    ]
    var fields = JSONObject()
    for (name, value) in zip(Self.names, values) where !Self.isNothing(value) {
      fields[name] = value
    }
    self.fields = fields
  }

  /// Of a predictor of a live Inference; nil where there is none of that name.
  package init?(_ inference: KubernetesObject, predictor name: String) {
    let read = Inference.decode(inference).inference
    guard let predictor = read.predictors.first(where: { $0.name == name }) else { return nil }
    self.init(
      predictor, framework: read.framework, written: WriteBackRecord.all(of: inference)[name])
  }

  /// As an annotation holds it; nil for another text.
  package init?(_ text: String) {
    guard let object = (try? JSONReader.decode(Array(text.utf8)))?.object else { return nil }
    self.fields = object
  }

  package var text: String { JSONText.encode(.object(fields)) }

  /// What differs, for people: `image server:1 → server:2`.
  package func changes(to other: ServedRevision) -> String {
    Self.names.filter { fields[$0] != other.fields[$0] }
      .map { "\($0) \(Self.told(fields[$0])) → \(Self.told(other.fields[$0]))" }
      .joined(separator: ", ")
  }

  private static func told(_ value: JSONValue?) -> String {
    if let parts = value?.array { return parts.compactMap(\.scalarText).joined(separator: " ") }
    return value?.scalarText ?? "none"
  }

  private static func isNothing(_ value: JSONValue?) -> Bool {
    guard let value else { return true }
    return value == .null || value == "" || value == []
  }
}

extension Inference.Predictor {
  /// The container named `predictor`, else the first: KubeDL's own rule.
  var servingContainer: Container? {
    let containers = template.containers
    return containers.first { $0.name == "predictor" } ?? containers.first
  }
}
