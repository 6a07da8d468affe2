/// A container of a pod, as typed reads over its JSON: fields that nobody here knows stay in
/// `json` untouched.
package struct Container: Hashable, Sendable {
  package let json: JSONValue

  package init(_ json: JSONValue) { self.json = json }

  package var name: String { json["name"]?.scalarText ?? "" }
  package var image: String? { json["image"]?.string }
  package var workingDirectory: String? { json["workingDir"]?.string }
  package var command: [String] { Self.texts(json["command"]) }
  package var args: [String] { Self.texts(json["args"]) }

  package var env: [EnvironmentVariable] {
    (json["env"]?.array ?? []).map(EnvironmentVariable.init)
  }
  package var ports: [ContainerPort] { (json["ports"]?.array ?? []).map(ContainerPort.init) }
  package var readinessProbe: Probe? { json["readinessProbe"].map(Probe.init) }

  /// The amount of a resource that the container may use at most, as text.
  package func limit(_ resource: String) -> String? {
    json["resources"]?["limits"]?[resource]?.scalarText
  }
  /// The amount of a resource that is set aside for the container, as text.
  package func request(_ resource: String) -> String? {
    json["resources"]?["requests"]?[resource]?.scalarText
  }
  /// The names of all resources that it asks for, limits first.
  package var resourceNames: [String] {
    let limits = json["resources"]?["limits"]?.object?.keys ?? []
    let requests = json["resources"]?["requests"]?.object?.keys ?? []
    return limits + requests.filter { !limits.contains($0) }
  }

  /// The value in effect of a variable: the last of several with the same name.
  package func value(ofVariable name: String) -> String? {
    env.last { $0.name == name }?.value
  }

  /// The number of a port given by name or number; nil where no port has that name.
  package func portNumber(_ reference: PortReference) -> Int? {
    switch reference {
    case .number(let number): number
    case .name(let name): ports.first { $0.name == name }?.number
    }
  }

  static func texts(_ value: JSONValue?) -> [String] {
    (value?.array ?? []).map { $0.scalarText ?? "" }
  }
}

/// An entry of a container's `env`.
package struct EnvironmentVariable: Hashable, Sendable {
  package let name: String
  /// Nil where the value comes from elsewhere (`valueFrom`).
  package let value: String?

  init(_ json: JSONValue) {
    self.name = json["name"]?.scalarText ?? ""
    self.value = json["valueFrom"] == nil ? json["value"]?.scalarText ?? "" : nil
  }
}

/// A port that a container listens on.
package struct ContainerPort: Hashable, Sendable {
  package let name: String?
  package let number: Int?

  init(_ json: JSONValue) {
    self.name = json["name"]?.string
    self.number = json["containerPort"]?.integer
  }
}

/// A port, by number or by the name that the container gives it.
package enum PortReference: Hashable, Sendable {
  case number(Int)
  case name(String)

  /// Nil where the value is neither a string nor a number.
  package init?(_ json: JSONValue) {
    switch json {
    case .integer(let number): self = .number(number)
    case .string(let text): self = Int(text).map(PortReference.number) ?? .name(text)
    default: return nil
    }
  }
}
