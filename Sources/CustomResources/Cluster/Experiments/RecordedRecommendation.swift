package import Kubernetes
package import Tuning

/// A recommendation as an experiment's status has it, read back.
package struct RecordedRecommendation: Sendable {
  package let container: String
  /// Nil in the status of an earlier version.
  package let predictor: String?
  package let configuration: Configuration
  package let summary: String
  private let json: JSONValue

  /// Nil where there is none.
  /// - Parameter parameters: of the experiment; what the status doesn't name is left out.
  package init?(of experiment: KubernetesObject, _ parameters: [Parameter]) {
    guard let json = experiment.status?["recommendation"],
      let container = json["containerName"]?.string
    else { return nil }
    self.json = json
    self.container = container
    self.predictor = json["predictorName"]?.string
    self.summary = json["summary"]?.string ?? ""
    self.configuration = Configuration(
      parameters.compactMap { parameter in
        Self.level(of: parameter, in: json).map { .init(name: parameter.name, level: $0) }
      })
  }

  private static func level(of parameter: Parameter, in json: JSONValue) -> Level? {
    if case .resource(let name) = parameter.target {
      return json["target"]?[name]?.scalarText
        .flatMap { ResourceName(name).quantity(reading: $0, like: parameter.domain.levels) }
        .map(Level.quantity)
    }
    return json[parameter.target.category.rawValue]?[parameter.name.text]?.scalarText
      .flatMap { parameter.domain.level(reading: $0) }
  }

  /// What is annotated on an Inference where the recommendation is only proposed.
  package func proposal(of experiment: KubernetesObject, patch: JSONPatch) -> JSONValue {
    .object(
      JSONObject(present: [
        ("experiment", .string(experiment.name)), ("container", .string(container)),
        ("summary", .string(summary)), ("patch", patch.json), ("evidence", json["evidence"]),
      ]))
  }
}
