/// The number to maximize or minimize.
package struct Objective: Hashable, Sendable {
  package enum Direction: String, Hashable, Sendable, Codable {
    case maximize, minimize
  }

  package let direction: Direction
  package let expression: Expression

  package init(_ direction: Direction, _ expression: Expression) {
    self.direction = direction
    self.expression = expression
  }

  /// Whether `left` is better than `right`.
  package func isBetter(_ left: Double, than right: Double) -> Bool {
    direction == .maximize ? left > right : left < right
  }
}

extension Objective: CustomStringConvertible {
  package var description: String { "\(direction.rawValue) \(expression)" }
}
