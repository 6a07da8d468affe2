import Reporting
import Testing

struct AxisTests {
  @Test func `a narrow span is linear, from zero, with round ticks`() throws {
    let axis = try #require(Axis(spanning: [17, 118], title: ""))
    #expect(axis.scale == .linear)
    #expect(axis.ticks.map(\.label) == ["0", "50", "100", "150"])
    #expect(axis.fraction(of: 75) == 0.5)
  }

  @Test func `a wide span is logarithmic`() throws {
    let axis = try #require(Axis(spanning: [3, 900], title: ""))
    #expect(axis.scale == .logarithmic)
    #expect(axis.ticks.map(\.label) == ["2", "5", "10", "20", "50", "100", "200", "500", "1000"])
    #expect(abs(axis.fraction(of: 2_000.squareRoot()) - 0.5) < 1e-12)
  }

  @Test func `a span beyond counting has few ticks`() throws {
    let axis = try #require(Axis(spanning: [3e-9, 5e18], title: ""))
    #expect((4...10).contains(axis.ticks.count))
    #expect(axis.ticks.first?.label == "10⁻⁹")
  }

  @Test(arguments: [[0.0], [5], [-3], [1e300], [-2, 7], [0.25, 0.5], [4.7e18, 4.7e18]])
  func `every value is within its axis`(values: [Double]) throws {
    let axis = try #require(Axis(spanning: values, title: ""))
    for value in values { #expect((0...1).contains(axis.fraction(of: value))) }
    #expect((2...12).contains(axis.ticks.count))
    #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count)
  }

  @Test func `there is no tick between two trials`() throws {
    let axis = try #require(
      Axis(spanning: [0, 2], title: "", logarithmicBeyond: .infinity, isWhole: true))
    #expect(axis.ticks.map(\.label) == ["0", "1", "2"])
  }

  @Test func `nothing to span is no axis`() {
    #expect(Axis(spanning: [Double](), title: "") == nil)
    #expect(Axis(spanning: [.nan, .infinity], title: "") == nil)
  }
}
