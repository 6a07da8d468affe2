import Testing
import Tuning

@Suite struct SearchSpaceTests {
  let cpu: Parameter
  let batch: Parameter
  let device: Parameter

  init() throws {
    cpu = Parameter(
      name: "cpu",
      domain: try Domain(quantities: [Quantity("500m"), Quantity("1"), Quantity("2")]),
      target: .resource(name: "cpu"))
    batch = Parameter(
      name: "BATCH", domain: try Domain(integers: [1, 4, 16]), target: .environment(name: "BATCH"))
    device = Parameter(
      name: "device", domain: try Domain(choices: ["T4", "V100"]), target: .column)
  }

  @Test func `every cell survives the trip to a configuration and back`() throws {
    let space = try SearchSpace([cpu, batch, device])
    #expect(space.count == 18)
    for cell in 0..<space.count {
      #expect(space.index(of: space.configuration(at: cell)) == cell)
    }
    #expect(Set((0..<space.count).map(space.configuration(at:))).count == 18)
  }

  @Test func `a ragged space holds its rows and no other`() throws {
    let rows: [[Level]] = [
      [.quantity(try Quantity("1")), .integer(4)], [.quantity(try Quantity("2")), .integer(16)],
    ]
    let space = try SearchSpace([cpu, batch], allowed: rows)
    #expect(space.count == 2)
    for cell in 0..<2 { #expect(space.index(of: space.configuration(at: cell)) == cell) }
    let absent = Configuration([
      .init(name: "cpu", level: .quantity(try Quantity("500m"))),
      .init(name: "BATCH", level: .integer(4)),
    ])
    #expect(space.index(of: absent) == nil)
    #expect(throws: SearchSpaceError.duplicateConfiguration("1, 4")) {
      try SearchSpace([cpu, batch], allowed: [rows[0], rows[0]])
    }
  }

  @Test func `coordinates span zero to one and leave categories as numbers`() throws {
    let space = try SearchSpace([cpu, batch, device])
    let grid = space.gridCoordinates()
    #expect(grid.count == 54)
    #expect(Array(grid.prefix(3)) == [0, 0, 0])
    #expect(Array(grid.suffix(3)) == [1, 1, 1])
    for cell in 0..<space.count {
      #expect(
        space.coordinates(of: space.configuration(at: cell))
          == Array(grid[(3 * cell)..<(3 * cell + 3)]))
    }
  }

  @Test func `a configuration that lacks a parameter has no place`() throws {
    let space = try SearchSpace([cpu, batch])
    let partial = Configuration([.init(name: "BATCH", level: .integer(4))])
    #expect(space.index(of: partial) == nil)
    #expect(space.coordinates(of: partial) == nil)
  }

  @Test func `too many configurations, no parameters and equal names are refused`() throws {
    #expect(throws: SearchSpaceError.noParameters) { try SearchSpace([]) }
    #expect(throws: SearchSpaceError.duplicateParameter("cpu")) { try SearchSpace([cpu, cpu]) }
    let wide = try (0..<7).map { index in
      Parameter(
        name: ParameterName("p\(index)"), domain: try Domain(integers: 1...1_000, step: 1),
        target: .column)
    }
    #expect(throws: SearchSpaceError.tooLarge(max: SearchSpace.configurationsMax)) {
      try SearchSpace(wide)
    }
  }
}
