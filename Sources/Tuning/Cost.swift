/// What a configuration costs per hour, known before it is tried.
package struct Cost: Hashable, Sendable {
  /// The price of one parameter's level.
  package enum Price: Hashable, Sendable {
    /// So much for each base unit (core, byte, count) of the level.
    case perUnit(Double)
    /// So much for each choice.
    case perChoice([String: Double])
  }

  /// The price of what is not tuned.
  package let fixed: Double
  package let prices: [ParameterName: Price]

  package init(fixed: Double, prices: [ParameterName: Price]) {
    self.fixed = fixed
    self.prices = prices
  }

  /// The price per hour; nil when a priced parameter is missing or has no price for its level.
  package func perHour(of configuration: Configuration) -> Double? {
    var sum = fixed
    for (name, price) in prices {
      guard let level = configuration[name] else { return nil }
      switch price {
      case .perUnit(let price):
        guard let magnitude = level.magnitude else { return nil }
        sum += price * magnitude
      case .perChoice(let prices):
        guard let price = prices[level.text] else { return nil }
        sum += price
      }
    }
    return sum
  }
}
