/// One of the values that a parameter may take.
package enum Level: Hashable, Sendable {
  case quantity(Quantity)
  case integer(Int)
  case number(Double)
  case choice(String)

  /// The level as it is written into a container spec, before its target's unit is applied.
  package var text: String {
    switch self {
    case .quantity(let quantity): quantity.spelling
    case .integer(let integer): String(integer)
    case .number(let number): Self.plain(number)
    case .choice(let choice): choice
    }
  }

  /// The level as a number, in base units; nil for a choice, which has no order.
  package var magnitude: Double? {
    switch self {
    case .quantity(let quantity): quantity.amount
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .choice: nil
    }
  }

  /// A whole number without its `.0`.
  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? String(number)
  }
}

extension Level: CustomStringConvertible {
  package var description: String { text }
}
