import BayesianOptimization
import Testing
import Tuning

@Suite struct MemoryBoundaryTests {
  /// 6 levels of memory, 8 of batch, 3 choices.
  private static func space() throws -> SearchSpace {
    try SearchSpace([
      Parameter(
        name: "memory", domain: try Domain(numbers: [1, 2, 4, 8, 12, 16]), target: .column,
        effect: .supply),
      Parameter(
        name: "batch", domain: try Domain(integers: [1, 2, 4, 8, 16, 32, 64, 128]),
        target: .column, effect: .demand),
      Parameter(name: "gpu", domain: try Domain(choices: ["a", "b", "c"]), target: .column),
    ])
  }

  private static func starts(_ space: SearchSpace, _ cell: Int) -> Bool {
    let configuration = space.configuration(at: cell)
    let memory = configuration["memory"]?.magnitude ?? 0
    let batch = configuration["batch"]?.magnitude ?? 0
    return 1.5 + 0.11 * batch <= memory
  }

  private static func probabilities(_ space: SearchSpace, knowing cells: [Int]) -> [Double] {
    let rows = space.gridCoordinates()
    let boundary = MemoryBoundary(
      ParameterScales(space), rows: cells.flatMap { rows[(3 * $0)..<(3 * $0 + 3)] },
      started: cells.map { starts(space, $0) }, seed: 1)
    return boundary.probabilities(rows)
  }

  @Test(arguments: [[], [77], [77, 30], [3, 60, 100, 120]])
  func `more supply never hurts and more demand never helps`(known: [Int]) throws {
    let space = try Self.space()
    let found = Self.probabilities(space, knowing: known)
    var violations = 0
    for cell in 0..<space.count {
      let numbers = space.levelNumbers(at: cell)
      for other in 0..<space.count {
        let others = space.levelNumbers(at: other)
        guard others[2] == numbers[2], others[0] >= numbers[0], others[1] <= numbers[1] else {
          continue
        }
        if found[other] < found[cell] - 1e-12 { violations += 1 }
      }
    }
    #expect(violations == 0)
  }

  @Test func `one failure moves the whole boundary`() throws {
    let space = try Self.space()
    let before = Self.probabilities(space, knowing: [])
    // 4 GiB for a batch of 32.
    let failure = try #require(
      space.index(
        of: Configuration([
          .init(name: "memory", level: .number(4)), .init(name: "batch", level: .integer(32)),
          .init(name: "gpu", level: .choice("b")),
        ])))
    let after = Self.probabilities(space, knowing: [failure])
    #expect(before[failure] > 0.3)
    #expect(after[failure] < 0.2)
    let elsewhere = try #require(
      space.index(
        of: Configuration([
          .init(name: "memory", level: .number(4)), .init(name: "batch", level: .integer(64)),
          .init(name: "gpu", level: .choice("c")),
        ])))
    #expect(after[elsewhere] < 0.3, "it speaks for other types of GPU too")
  }

  @Test func `a dozen outcomes tell nearly all others`() throws {
    let space = try Self.space()
    let known = stride(from: 5, to: space.count, by: 11).map { $0 }
    let found = Self.probabilities(space, knowing: known)
    let right = (0..<space.count).filter { (found[$0] > 0.5) == Self.starts(space, $0) }.count
    #expect(Double(right) >= 0.92 * Double(space.count))
  }
}
