import Reporting
import Testing

struct FigureTests {
  @Test(arguments: [
    (0.0, "0"), (1, "1"), (2.5, "2.50"), (9.996, "10.0"), (84.71, "84.7"), (100, "100"),
    (999.6, "1000"), (1234.5, "1230"), (0.0825, "0.0825"), (0.001234, "0.00123"),
    (-41.26, "−41.3"), (1_234_567, "1.23×10⁶"), (3.2e-9, "3.20×10⁻⁹"), (4.7e18, "4.70×10¹⁸"),
    (.leastNonzeroMagnitude, "4.94×10⁻³²⁴"), (.greatestFiniteMagnitude, "1.80×10³⁰⁸"),
    (.infinity, "–"),
    (.nan, "–"),
  ])
  func `a number has three significant digits`(value: Double, text: String) {
    #expect(Figure.text(value) == text)
  }

  @Test(arguments: [(0.5, "0.5"), (20.0, "20"), (2_000_000, "2×10⁶"), (100, "100"), (0.05, "0.05")])
  func `a tick has no zeros at its end`(value: Double, text: String) {
    #expect(Figure.brief(value) == text)
  }

  @Test(arguments: [(0.005, 2, "0.01"), (-0.001, 2, "0.00"), (12.3456, 1, "12.3"), (7, 0, "7")])
  func `a number has as many decimals as asked for`(value: Double, decimals: Int, text: String) {
    #expect(Figure.fixed(value, decimals: decimals) == text)
  }

  @Test(arguments: [
    (0.25, "0.3 s"), (31.4, "31 s"), (671, "11 min 11 s"), (3599.7, "1 h 00 min"),
    (3725, "1 h 02 min"),
  ])
  func `a duration is in the units that a person counts in`(seconds: Double, text: String) {
    #expect(Figure.duration(seconds: seconds) == text)
  }

  @Test func `a percentage keeps three digits`() { #expect(Figure.percent(0.0532) == "5.32 %") }
}
