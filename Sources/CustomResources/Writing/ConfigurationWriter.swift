package import Kubernetes
package import Tuning

/// Writes a configuration into a container spec, and reads one from it. Only the one container is
/// touched, and every unknown field stays.
package struct ConfigurationWriter: Sendable {
  package let target: TunedContainer
  package let parameters: [Parameter]

  package init(target: TunedContainer, parameters: [Parameter]) {
    self.target = target
    self.parameters = parameters
  }

  /// The changes that bring a configuration to the document. They begin with tests that pin the
  /// names of the predictor and the container, and test every value that they replace.
  package func patch(for configuration: Configuration) throws(JSONPatchError) -> JSONPatch {
    try changes(for: configuration).patch
  }

  /// The document with the configuration in it.
  package func document(with configuration: Configuration) throws(JSONPatchError) -> JSONValue {
    try changes(for: configuration).document
  }

  /// The container with the configuration in it.
  package func container(with configuration: Configuration) throws(JSONPatchError) -> Container {
    target.replacingDocument(try document(with: configuration)).container
  }

  /// What the configuration changes in the container, place by place.
  package func changes(
    bringing configuration: Configuration
  ) throws(JSONPatchError) -> [SpecChange] {
    let written = target.replacingDocument(try document(with: configuration))
    return SpecChange.changes(from: target, to: written, parameters)
  }

  private func changes(for configuration: Configuration) throws(JSONPatchError) -> PatchBuilder {
    var builder = PatchBuilder(target.document)
    try target.pinNames(&builder)
    for parameter in parameters {
      guard let level = configuration[parameter.name] else { continue }
      switch parameter.target {
      case .resource(let name):
        try write(level, toResource: name, &builder)
      case .environment(let name):
        try write(level.text, toVariable: name, &builder)
      case .argument(.some(let flag)):
        try ArgumentList(target.pointer).write(level.text, flag: flag, &builder)
      case .argument(nil), .column: break
      case .batching(let environment):
        try writeBatchSize(level, &builder)
        try write(level.text, toVariable: environment, &builder)
      }
    }
    try ArgumentList(target.pointer).write(
      bareParameters.compactMap { configuration[$0.name]?.text },
      replacing: bareParameters.map(\.domain), &builder)
    return builder
  }

  /// Arguments that are a level and nothing else, as upstream Morphling appends them.
  private var bareParameters: [Parameter] {
    parameters.filter { $0.target == .argument(flag: nil) }
  }

  /// Request and limit, so that the pod is placed where it can have what it may use.
  private func write(
    _ level: Level, toResource name: String, _ builder: inout PatchBuilder
  ) throws(JSONPatchError) {
    var text = level.text
    if case .quantity(let quantity) = level {
      text = ResourceName(name).text(for: quantity) ?? text
    }
    for place in [SpecPlace.limit(name), .request(name)] {
      try target.write(.string(text), at: place, &builder)
    }
  }

  private func write(
    _ text: String, toVariable name: String, _ builder: inout PatchBuilder
  ) throws(JSONPatchError) {
    let list = target.pointer.appending("env")
    let entries = builder.document[list]?.array ?? []
    guard let index = entries.lastIndex(where: { $0["name"]?.scalarText == name }) else {
      try builder.append(["name": .string(name), "value": .string(text)], to: list)
      return
    }
    let entry = list.appending(index)
    guard entries[index]["valueFrom"] == nil else {
      try builder.set(entry, to: ["name": .string(name), "value": .string(text)])
      return
    }
    if entries[index]["value"]?.scalarText != text { try builder.pin(entry.appending("name")) }
    try builder.set(entry.appending("value"), to: .string(text))
  }

  private func writeBatchSize(
    _ level: Level, _ builder: inout PatchBuilder
  ) throws(JSONPatchError) {
    guard let predictor = target.predictor, case .integer(let size) = level else { return }
    try builder.set(predictor.appending("batching", "batchSize"), to: .integer(size))
  }
}

extension ConfigurationWriter {
  /// What the container spec sets, on the grid or beside it. Parameters that it doesn't set are
  /// left out.
  package var configurationFound: Configuration {
    let bare = ArgumentList(target.pointer).trailingLevels(
      of: bareParameters.map(\.domain), in: target.document)
    var bareTexts = bare.makeIterator()
    return Configuration(
      parameters.compactMap { parameter in
        let level =
          parameter.target == .argument(flag: nil)
          ? bareTexts.next().flatMap { parameter.domain.level(reading: $0) }
          : level(of: parameter)
        return level.map { .init(name: parameter.name, level: $0) }
      })
  }

  private func level(of parameter: Parameter) -> Level? {
    let container = target.container
    switch parameter.target {
    case .resource(let name):
      let text = container.limit(name) ?? container.request(name)
      return text.flatMap {
        ResourceName(name).quantity(reading: $0, like: parameter.domain.levels)
      }.map(Level.quantity)
    case .environment(let name):
      return container.value(ofVariable: name).flatMap { parameter.domain.level(reading: $0) }
    case .argument(.some(let flag)):
      return ArgumentList(target.pointer).value(of: flag, in: target.document)
        .flatMap { parameter.domain.level(reading: $0) }
    case .argument(nil), .column: return nil
    case .batching(let environment):
      let batchSize = target.predictor.flatMap { target.document[$0]?["batching"]?["batchSize"] }
      return (batchSize?.scalarText ?? container.value(ofVariable: environment))
        .flatMap { parameter.domain.level(reading: $0) }
    }
  }
}
