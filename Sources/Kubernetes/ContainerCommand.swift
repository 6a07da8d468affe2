/// What a container runs, with every `$(NAME)` replaced as the kubelet does it.
///
/// Kubernetes API reference, *Container v1 core*, fields `command`, `args` and `env`: a reference
/// to a variable that isn't there stays as it is, and `$$` stands for `$`.
package struct ContainerCommand: Hashable, Sendable {
  package struct Variable: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  /// `command`, then `args`. Without a `command` the image decides what to run, so the first
  /// word is an argument: see `runsImageEntrypoint`.
  package let words: [String]
  /// In the order of the container; of several with the same name only the last.
  package let environment: [Variable]
  package let workingDirectory: String?
  /// True where the container has no `command` of its own.
  package let runsImageEntrypoint: Bool
  /// Variables whose values come from elsewhere (`valueFrom`) and are therefore not set.
  package let unresolvedVariables: [String]

  package init(_ container: Container) {
    var values: [String: String] = [:]
    var names: [String] = []
    var unresolved: [String] = []
    for variable in container.env {
      guard let value = variable.value else {
        unresolved.append(variable.name)
        continue
      }
      names.removeAll { $0 == variable.name }
      names.append(variable.name)
      values[variable.name] = Self.expanded(value, values)
    }
    self.words = (container.command + container.args).map { Self.expanded($0, values) }
    self.environment = names.compactMap { name in
      values[name].map { Variable(name: name, value: $0) }
    }
    self.workingDirectory = container.workingDirectory
    self.runsImageEntrypoint = container.command.isEmpty
    self.unresolvedVariables = unresolved
  }

  /// The text with every `$(NAME)` replaced by its value.
  package static func expanded(_ text: String, _ values: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let mark = rest.firstIndex(of: "$") {
      result += rest[..<mark]
      rest = rest[mark...].dropFirst()
      switch rest.first {
      case "$":
        result += "$"
        rest = rest.dropFirst()
      case "(":
        guard let end = rest.firstIndex(of: ")") else { return result + "$" + rest }
        let name = String(rest[..<end].dropFirst())
        result += values[name] ?? "$(\(name))"
        rest = rest[end...].dropFirst()
      default: result += "$"
      }
    }
    return result + rest
  }
}
