package import Kubernetes
package import Tuning

/// What a driver wants tuned, decoded: the study before its first trial, and how its levels are
/// written.
package struct AskTellProblem: Sendable {
  package let study: Study
  /// What each observation reports.
  package let metrics: [Metric]
  /// A directory of earlier profiles to learn from, as given.
  package let priorPath: String?
  /// Each level as the driver spelled it.
  private let spelling: [ParameterName: [Level: JSONValue]]

  init(
    study: Study, metrics: [Metric], priorPath: String?,
    spelling: [ParameterName: [Level: JSONValue]]
  ) {
    self.study = study
    self.metrics = metrics
    self.priorPath = priorPath
    self.spelling = spelling
  }

  /// A configuration as the driver writes it.
  package func json(_ configuration: Configuration) -> JSONValue {
    .object(
      JSONObject(
        configuration.assignments.map {
          ($0.name.text, spelling[$0.name]?[$0.level] ?? .string($0.level.text))
        }))
  }

  /// Reads a configuration of the space.
  func configuration(_ json: JSONValue?, at location: String) throws(AskTellError) -> Configuration
  {
    guard let object = json?.object else {
      throw AskTellError(location, found: json?.summary ?? "nothing", needed: "an object is needed")
    }
    for key in object.keys where study.space[ParameterName(key)] == nil {
      throw AskTellError(
        "\(location).\(key)", found: "an unknown knob",
        needed: "known: " + study.space.parameters.map(\.name.text).joined(separator: ", "))
    }
    var assignments: [Configuration.Assignment] = []
    for parameter in study.space.parameters {
      guard let value = object[parameter.name.text] else {
        throw AskTellError(
          "\(location).\(parameter.name)", found: "nothing", needed: "a value is needed")
      }
      guard let level = AskTellReader.level(value, of: parameter.domain),
        parameter.domain.levels.contains(level)
      else {
        throw AskTellError(
          "\(location).\(parameter.name)", found: value.summary,
          needed: "one of the knob's values is needed")
      }
      assignments.append(.init(name: parameter.name, level: level))
    }
    let configuration = Configuration(assignments)
    guard study.space.index(of: configuration) != nil else {
      throw AskTellError(
        location, found: "a configuration that is not in the grid",
        needed: "one of the allowed configurations is needed")
    }
    return configuration
  }
}
