import Testing
import Tuning

@Suite struct ExpressionTests {
  private static let values = ["a": 3.0, "b": 4.0, "throughput_rps": 100]

  @Test(
    arguments: [
      ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("-a ** 2", -9), ("2 ** 3 ** 2", 512),
      ("a - b - 1", -2),
      ("b / 2 / 2", 1), ("sqrt(b)", 2), ("minimum(a, b) + maximum(a,b)", 7), ("log(1)", 0),
      ("throughput_rps / (0.2 + 0.4 * b)", 100 / 1.8), ("1e3 + 1E-3", 1_000.001), ("+a", 3),
      ("a * -b", -12), ("2 ** -1", 0.5),
    ] as [(String, Double)])
  func `arithmetic follows the usual precedence`(text: String, value: Double) throws {
    #expect(try Expression(text).value { Self.values[$0] } == value)
  }

  @Test(
    arguments: [
      "", "1 +", "a b", "(a", "a)", "sin(a)", "1..2", "minimum(a)", "a; b", "__import__('os')",
      "a ** ", "2 *", "1e", ",", "log()", "a[0]",
    ])
  func `what is no expression is refused with its place`(text: String) {
    #expect(throws: ExpressionError.self) { try Expression(text) }
  }

  @Test func `the error says where and what is needed`() throws {
    let error = #expect(throws: ExpressionError.self) { try Expression("throughput_rps / ") }
    #expect(
      error?.description == "\"throughput_rps / \" at character 18: a number or a name is needed")
  }

  @Test func `hostile nesting ends in an error`() {
    let deep = String(repeating: "(", count: 100_000)
    #expect(throws: ExpressionError.self) { try Expression(deep) }
    #expect(throws: ExpressionError.self) { try Expression(String(repeating: "-", count: 100_000)) }
    #expect(throws: ExpressionError.self) {
      try Expression("1" + String(repeating: "**1", count: 100_000))
    }
  }

  @Test func `what is missing or not finite has no value`() throws {
    #expect(try Expression("a / 0").value { Self.values[$0] } == nil)
    #expect(try Expression("log(0 - a)").value { Self.values[$0] } == nil)
    #expect(try Expression("c").value { Self.values[$0] } == nil)
  }

  @Test(
    arguments: [
      "a + b - c", "a - (b - c)", "a / (b * c)", "(a + b) * c", "a ** (b + 1)", "(a ** b) ** c",
      "-a", "minimum(a, b)", "log(a) / sqrt(b)",
    ])
  func `printing and reading again gives the same expression`(text: String) throws {
    let expression = try Expression(text)
    #expect(try Expression(expression.description) == expression)
  }

  @Test func `a product of powers is known as one`() throws {
    let monomial = try Expression("2 * throughput_rps / (cost * sqrt(memory_gib)) ** 2").monomial
    #expect(monomial?.factor == 2)
    #expect(monomial?.powers == ["throughput_rps": 1, "cost": -2, "memory_gib": -1])
    #expect(try Expression("a + b").monomial == nil)
    #expect(try Expression("a / (1 + b)").monomial == nil)
    #expect(try Expression("0 * a").monomial == nil)
  }
}
