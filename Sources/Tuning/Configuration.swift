/// One level for each parameter, in the order of the search space. A baseline may leave out
/// parameters that its container spec doesn't set.
package struct Configuration: Hashable, Sendable {
  package struct Assignment: Hashable, Sendable {
    package let name: ParameterName
    package let level: Level
    package init(name: ParameterName, level: Level) {
      self.name = name
      self.level = level
    }
  }

  package let assignments: [Assignment]

  package init(_ assignments: [Assignment]) { self.assignments = assignments }

  package subscript(name: ParameterName) -> Level? {
    assignments.first { $0.name == name }?.level
  }
}

extension Configuration: CustomStringConvertible {
  /// `cpu=500m memory=1Gi`
  package var description: String {
    assignments.map { "\($0.name)=\($0.level)" }.joined(separator: " ")
  }
}
