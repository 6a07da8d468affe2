import Testing
import Tuning

@Suite struct DomainTests {
  @Test func `levels are in rising order whatever their spelling`() throws {
    let domain = try Domain(quantities: ["16Gi", "2Gi", "1024Mi"].map { try Quantity($0) })
    #expect(domain.levels.map(\.text) == ["1024Mi", "2Gi", "16Gi"])
  }

  @Test func `a range is cut into steps`() throws {
    #expect(try Domain(integers: 1...8, step: 3).levels == [.integer(1), .integer(4), .integer(7)])
  }

  @Test func `no values, equal values and a step of zero are refused`() {
    #expect(throws: DomainError.empty) { try Domain(integers: []) }
    #expect(throws: DomainError.duplicate("1Gi")) {
      try Domain(quantities: [Quantity("1024Mi"), Quantity("1Gi")])
    }
    #expect(throws: DomainError.stepNotPositive("0")) { try Domain(integers: 1...4, step: 0) }
    #expect(throws: DomainError.notFinite("nan")) { try Domain(numbers: [1, .nan]) }
    #expect(throws: DomainError.tooManyLevels(count: 1_000_000_000)) {
      try Domain(integers: 1...1_000_000_000, step: 1)
    }
  }

  @Test func `wide levels are told apart by ratio and narrow ones by difference`() throws {
    let wide = try Domain(integers: [1, 4, 16])
    #expect(wide.scale == .logarithmic)
    #expect(wide.coordinate(of: .integer(4)) == 0.5)
    let narrow = try Domain(integers: [2, 3, 4])
    #expect(narrow.scale == .linear)
    #expect(narrow.coordinate(of: .integer(3)) == 0.5)
    #expect(try Domain(integers: [0, 10, 1_000], scale: .logarithmic).scale == .linear)
  }

  @Test func `a level off the grid has a place and one of another kind has none`() throws {
    let domain = try Domain(quantities: [Quantity("1"), Quantity("2")])
    #expect(domain.coordinate(of: .quantity(try Quantity("1500m"))) == 0.5)
    #expect(domain.coordinate(of: .quantity(try Quantity("3"))) == 2)
    #expect(domain.coordinate(of: .choice("many")) == nil)
    #expect(domain.level(reading: "8GB") == nil)
  }
}
