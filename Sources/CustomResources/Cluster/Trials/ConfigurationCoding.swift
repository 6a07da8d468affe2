import Kubernetes
import Tuning

/// A configuration in upstream's form: a list of name, value and category.
enum ConfigurationCoding {
  static func json(_ configuration: Configuration, _ parameters: [Parameter]) -> JSONValue {
    .array(
      configuration.assignments.map { entry in
        let target = parameters.first { $0.name == entry.name }?.target
        return [
          "name": .string(entry.name.text), "value": .string(entry.level.text),
          "category": .string((target?.category ?? .env).rawValue),
        ]
      })
  }

  static func configuration(
    _ json: JSONValue?, _ space: SearchSpace, of trial: String
  ) throws(TrialObjectError) -> Configuration {
    var entries: [Configuration.Assignment] = []
    for entry in json?.array ?? [] {
      let name = entry["name"]?.scalarText ?? ""
      let value = entry["value"]?.scalarText ?? ""
      guard let parameter = space[ParameterName(name)],
        let level = parameter.domain.level(reading: value)
      else { throw .unknownLevel(trial: trial, parameter: name, level: value) }
      entries.append(.init(name: parameter.name, level: level))
    }
    return Configuration(entries)
  }
}

extension Parameter.Target {
  var category: ParameterReader.Category {
    switch self {
    case .resource: .resource
    case .environment, .column: .env
    case .argument: .args
    case .batching: .batching
    }
  }
}
