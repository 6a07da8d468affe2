/// Arithmetic over metrics and parameters: `throughput_rps / (0.2 + 0.4 * gpu_memory)`.
///
/// Grammar, loosest first: `+ -`, `* /`, unary `-`, `**` (to the right), then numbers, names,
/// parentheses and the functions `log`, `sqrt`, `minimum(a, b)`, `maximum(a, b)`.
package indirect enum Expression: Hashable, Sendable {
  package enum Operation: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case power = "**"
    case minimum, maximum
  }
  package enum Function: String, Hashable, Sendable {
    case log, sqrt, negate = "-"
  }

  case number(Double)
  case name(String)
  case apply(Function, Expression)
  case combine(Operation, Expression, Expression)

  /// Reads an expression, or says where the text stops being one.
  package init(_ text: String) throws(ExpressionError) {
    var parser = ExpressionParser(text)
    self = try parser.wholeExpression()
  }

  /// The names that it mentions, each once, in order of appearance.
  package var names: [String] {
    switch self {
    case .number: []
    case .name(let name): [name]
    case .apply(_, let operand): operand.names
    case .combine(_, let left, let right):
      left.names + right.names.filter { !left.names.contains($0) }
    }
  }

  /// The value where every name has one; nil where one is missing or the result is not finite.
  package func value(_ lookUp: (String) -> Double?) -> Double? {
    unchecked(lookUp).flatMap { $0.isFinite ? $0 : nil }
  }

  private func unchecked(_ lookUp: (String) -> Double?) -> Double? {
    switch self {
    case .number(let number): return number
    case .name(let name): return lookUp(name)
    case .apply(let function, let operand):
      guard let value = operand.unchecked(lookUp) else { return nil }
      switch function {
      case .log: return logarithm(value)
      case .sqrt: return value.squareRoot()
      case .negate: return -value
      }
    case .combine(let operation, let left, let right):
      guard let a = left.unchecked(lookUp), let b = right.unchecked(lookUp) else { return nil }
      switch operation {
      case .add: return a + b
      case .subtract: return a - b
      case .multiply: return a * b
      case .divide: return a / b
      case .power: return Tuning.power(a, b)
      case .minimum: return min(a, b)
      case .maximum: return max(a, b)
      }
    }
  }
}

extension Expression {
  /// The same value as a product of powers, `factor · Π nameᵖ`, where it is one: the logarithm of
  /// such an objective is a weighted sum of the logarithms of its parts.
  package struct Monomial: Hashable, Sendable {
    package var factor: Double
    package var powers: [String: Double]
  }

  /// Nil when the expression is not a product of powers with a positive factor.
  package var monomial: Monomial? {
    switch self {
    case .number(let number): number > 0 ? Monomial(factor: number, powers: [:]) : nil
    case .name(let name): Monomial(factor: 1, powers: [name: 1])
    case .apply(.sqrt, let operand): operand.monomial.map { $0.raised(to: 0.5) }
    case .apply: nil
    case .combine(.multiply, let left, let right): left.monomial?.times(right.monomial)
    case .combine(.divide, let left, let right):
      left.monomial?.times(right.monomial?.raised(to: -1))
    case .combine(.power, let left, .number(let exponent)): left.monomial?.raised(to: exponent)
    case .combine: nil
    }
  }
}

extension Expression.Monomial {
  fileprivate func raised(to exponent: Double) -> Self {
    Self(factor: power(factor, exponent), powers: powers.mapValues { $0 * exponent })
  }
  fileprivate func times(_ other: Self?) -> Self? {
    guard let other else { return nil }
    return Self(
      factor: factor * other.factor, powers: powers.merging(other.powers, uniquingKeysWith: +))
  }
}

extension Expression: CustomStringConvertible {
  package var description: String { description(inside: 0) }

  private var precedence: Int {
    switch self {
    case .combine(.add, _, _), .combine(.subtract, _, _): 1
    case .combine(.multiply, _, _), .combine(.divide, _, _): 2
    case .apply(.negate, _): 3
    case .combine(.power, _, _): 4
    default: 5
    }
  }

  private func description(inside outer: Int) -> String {
    let text: String
    switch self {
    case .number(let number): text = Level.number(number).text
    case .name(let name): text = name
    case .apply(.negate, let operand): text = "-" + operand.description(inside: 3)
    case .apply(let function, let operand): text = "\(function.rawValue)(\(operand))"
    case .combine(.minimum, let left, let right): text = "minimum(\(left), \(right))"
    case .combine(.maximum, let left, let right): text = "maximum(\(left), \(right))"
    case .combine(.power, let left, let right):
      text = left.description(inside: 5) + " ** " + right.description(inside: 4)
    case .combine(let operation, let left, let right):
      text =
        left.description(inside: precedence) + " \(operation.rawValue) "
        + right.description(inside: precedence + 1)
    }
    return precedence < outer ? "(\(text))" : text
  }
}
