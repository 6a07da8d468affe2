/// What is known of a service that was measured before, over the cells of another study's space.
package struct EarlierService: Hashable, Sendable {
  package let name: String
  /// The natural logarithm of each metric at each cell.
  package let logMetrics: [Metric: [Double]]
  /// The probability of each cell to start and to bear its load.
  package let chances: [Double]

  package init(name: String, logMetrics: [Metric: [Double]], chances: [Double]) {
    self.name = name
    self.logMetrics = logMetrics
    self.chances = chances
  }
}
