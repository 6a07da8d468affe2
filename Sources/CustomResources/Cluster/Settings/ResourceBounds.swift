package import Tuning

/// What the owner of a service allows it to have, whatever the search finds.
package struct ResourceBounds: Hashable, Sendable {
  /// By the name of the resource, in its own unit or in bytes.
  package var least: [String: Quantity]
  package var most: [String: Quantity]

  package init(least: [String: Quantity] = [:], most: [String: Quantity] = [:]) {
    self.least = least
    self.most = most
  }

  /// The configuration with every amount of a resource within its bounds. A bound that cuts is
  /// taken as it is, on the grid or not.
  package func capped(_ configuration: Configuration, _ parameters: [Parameter]) -> Configuration {
    Configuration(
      configuration.assignments.map { entry in
        guard case .quantity(let amount) = entry.level,
          case .resource(let name) = parameters.first(where: { $0.name == entry.name })?.target
        else { return entry }
        return .init(name: entry.name, level: .quantity(capped(amount, name)))
      })
  }

  private func capped(_ amount: Quantity, _ resource: String) -> Quantity {
    var result = amount
    if let least = least[resource], isLess(result, least, resource) { result = least }
    if let most = most[resource], isLess(most, result, resource) { result = most }
    return result
  }

  /// By what stands in a container spec, so that `8Gi` of a resource that counts MiB is 8192.
  private func isLess(_ left: Quantity, _ right: Quantity, _ resource: String) -> Bool {
    Self.written(left, resource) < Self.written(right, resource)
  }

  private static func written(_ amount: Quantity, _ resource: String) -> Quantity {
    ResourceName(resource).text(for: amount).flatMap { try? Quantity($0) } ?? amount
  }
}
