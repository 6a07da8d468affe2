package import Tuning

/// A recorded table: what was measured of each configuration.
package struct ProfileTable: Hashable, Sendable {
  /// What the table says of one configuration.
  package enum Entry: Hashable, Sendable {
    /// What isn't known isn't there.
    case measured([Metric: Double])
    /// The configuration could not serve.
    case infeasible
  }

  package let name: String
  /// Only the recorded combinations; its parameters are the table's knobs.
  package let space: SearchSpace
  /// The columns that are numbers, knobs left out.
  package let metrics: [Metric]
  /// One for each cell of the space.
  private let entries: [Entry]

  init(name: String, space: SearchSpace, metrics: [Metric], entries: [Entry]) {
    self.name = name
    self.space = space
    self.metrics = metrics
    self.entries = entries
  }

  /// What was recorded of a configuration; nil for one that is not in the table.
  package subscript(configuration: Configuration) -> Entry? {
    space.index(of: configuration).map { entries[$0] }
  }
}
