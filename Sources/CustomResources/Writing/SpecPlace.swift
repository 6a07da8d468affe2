import Kubernetes
import Tuning

/// A place in the spec of a service that a recommendation may change, by names: it stays the same
/// where somebody puts lists in another order.
package enum SpecPlace: Hashable, Sendable {
  /// Of the container, by the name of the resource.
  case limit(String)
  case request(String)
  /// An entry of the container's `env`; the last of its name, which counts.
  case variable(String)
  /// The whole list.
  case arguments
  case command
  /// `batching.batchSize` of the predictor.
  case batchSize
}

extension SpecPlace: CustomStringConvertible {
  package var description: String {
    switch self {
    case .limit(let name): "resources.limits.\(name)"
    case .request(let name): "resources.requests.\(name)"
    case .variable(let name): "env.\(name)"
    case .arguments: "args"
    case .command: "command"
    case .batchSize: "batching.batchSize"
    }
  }
}

extension Parameter.Target {
  /// What setting it may change.
  var places: [SpecPlace] {
    switch self {
    case .resource(let name): [.limit(name), .request(name)]
    case .environment(let name): [.variable(name)]
    case .argument: [.arguments, .command]
    case .batching(let environment): [.batchSize, .variable(environment)]
    case .column: []
    }
  }
}

// MARK: - Values

extension SpecPlace {
  /// Whether two values mean the same to Kubernetes, which writes `1024Mi` as `1Gi` and leaves out
  /// what is empty. Nil for nothing there.
  func isSame(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
    switch self {
    case .limit, .request:
      let amounts = [left, right].map { $0?.scalarText.flatMap { try? Quantity($0) } }
      if let left = amounts[0], let right = amounts[1] { return left == right }
      return left?.scalarText == right?.scalarText
    case .variable:
      guard let left, let right else { return left == nil && right == nil }
      return left["valueFrom"] == right["valueFrom"]
        && left["value"]?.scalarText ?? "" == right["value"]?.scalarText ?? ""
    case .arguments, .command:
      return (left?.array ?? []).map(\.scalarText) == (right?.array ?? []).map(\.scalarText)
    case .batchSize: return left?.scalarText == right?.scalarText
    }
  }

  /// A value for people: `2`, `nothing`.
  func text(of value: JSONValue?) -> String {
    guard let value, value != .null else { return "nothing" }
    switch self {
    case .variable:
      return value["valueFrom"] == nil ? value["value"]?.scalarText ?? "\"\"" : "a reference"
    case .limit, .request, .arguments, .command, .batchSize:
      return value.scalarText ?? JSONText.encode(value)
    }
  }
}

extension TunedContainer {
  /// What stands at a place; nil for nothing.
  func value(at place: SpecPlace) -> JSONValue? {
    let value: JSONValue? =
      switch place {
      case .variable(let name): variableIndex(name).flatMap { container.json["env"]?.array?[$0] }
      case .limit, .request, .arguments, .command, .batchSize:
        pointer(to: place).flatMap { document[$0] }
      }
    return value == .null ? nil : value
  }

  /// Whether the place can be there at all: a Deployment has no batching.
  func has(_ place: SpecPlace) -> Bool { place != .batchSize || predictor != nil }

  private func variableIndex(_ name: String) -> Int? {
    container.json["env"]?.array?.lastIndex { $0["name"]?.scalarText == name }
  }

  private func pointer(to place: SpecPlace) -> JSONPointer? {
    switch place {
    case .limit(let name): pointer.appending("resources", "limits", name)
    case .request(let name): pointer.appending("resources", "requests", name)
    case .variable(let name): variableIndex(name).map { pointer.appending("env").appending($0) }
    case .arguments: pointer.appending("args")
    case .command: pointer.appending("command")
    case .batchSize: predictor?.appending("batching", "batchSize")
    }
  }

  /// Brings a value to a place; nil removes what is there, with what would be left empty.
  func write(
    _ value: JSONValue?, at place: SpecPlace, _ builder: inout PatchBuilder
  ) throws(JSONPatchError) {
    let present = replacingDocument(builder.document)
    guard has(place), !place.isSame(present.value(at: place), value) else { return }
    let pointer = present.pointer(to: place)
    switch (value, pointer) {
    case (let value?, let pointer?): try builder.set(pointer, to: value)
    case (let value?, nil): try builder.append(value, to: self.pointer.appending("env"))
    case (nil, let pointer?): try builder.remove(pointer, keeping: self.predictor ?? self.pointer)
    case (nil, nil): break
    }
  }
}
