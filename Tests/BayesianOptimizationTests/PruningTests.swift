import BayesianOptimization
import Testing
import Tuning

@Suite struct PruningTests {
  private static func study(_ outcomes: [(memory: Int, batch: Int, threads: Int, Outcome)]) throws
    -> Study
  {
    let space = try SearchSpace([
      Parameter(
        name: "memory", domain: try Domain(integers: [1, 2, 4]),
        target: .resource(name: "memory"), effect: .supply),
      Parameter(
        name: "batch", domain: try Domain(integers: [1, 8, 64]), target: .column, effect: .demand),
      Parameter(
        name: "threads", domain: try Domain(integers: [1, 2]), target: .resource(name: "cpu")),
    ])
    return Study(
      name: "pruning", space: space,
      objective: Objective(.maximize, try Expression("throughput_rps")),
      limits: SearchLimits(
        trialsMax: 18, regretTolerance: Share(3, of: 100), confidence: Share(90, of: 100)),
      seed: 0,
      trials: outcomes.enumerated().map { ordinal, outcome in
        Trial(
          ordinal: ordinal,
          configuration: configuration(outcome.memory, outcome.batch, outcome.threads),
          outcome: outcome.3)
      })
  }

  private static func configuration(_ memory: Int, _ batch: Int, _ threads: Int) -> Configuration {
    Configuration([
      .init(name: "memory", level: .integer(memory)), .init(name: "batch", level: .integer(batch)),
      .init(name: "threads", level: .integer(threads)),
    ])
  }

  private static func pruned(_ study: Study) -> Set<Configuration> {
    Set(Pruning(study).cells.map(study.space.configuration(at:)))
  }

  private static let killed = Outcome.infeasible(
    Infeasibility(.outOfMemory, .starting, detail: "killed"))
  private static let served = Outcome.measured(Measurement(values: [.throughput: 1]))

  @Test func `a failure rules out less memory and larger batches, where all else is equal`() throws
  {
    let study = try Self.study([(2, 8, 1, Self.killed)])
    #expect(
      Self.pruned(study) == [
        Self.configuration(1, 8, 1), Self.configuration(1, 64, 1), Self.configuration(2, 64, 1),
      ])
  }

  @Test func `a confirming failure shows that another parameter doesn't matter`() throws {
    let study = try Self.study([(2, 8, 1, Self.killed), (2, 8, 2, Self.killed)])
    #expect(
      Self.pruned(study) == [
        Self.configuration(1, 8, 1), Self.configuration(1, 64, 1), Self.configuration(2, 64, 1),
        Self.configuration(1, 8, 2), Self.configuration(1, 64, 2), Self.configuration(2, 64, 2),
      ])
  }

  @Test func `a success inside the block lifts the rule`() throws {
    let study = try Self.study([(2, 8, 1, Self.killed), (1, 8, 1, Self.served)])
    #expect(Self.pruned(study).isEmpty)
  }

  @Test func `a failure under load rules out nothing`() throws {
    let broke = Outcome.infeasible(Infeasibility(.constraintBroken, .loaded, detail: "slow"))
    #expect(Self.pruned(try Self.study([(2, 8, 1, broke)])).isEmpty)
  }

  private static func unplaced(_ scarce: String...) -> Outcome {
    .infeasible(
      Infeasibility(.notStarted, .starting, detail: "no node has room", scarceResources: scarce))
  }

  @Test func `where a resource is scarce, nothing that asks for as much of it finds a place`()
    throws
  {
    let study = try Self.study([(2, 8, 2, Self.unplaced("cpu"))])
    let pruned = Self.pruned(study)
    #expect(pruned.count == 8)
    #expect(pruned.allSatisfy { $0["threads"] == .integer(2) })
    let both = try Self.study([(2, 8, 2, Self.unplaced("cpu", "memory"))])
    #expect(
      Self.pruned(both) == [
        Self.configuration(2, 1, 2), Self.configuration(2, 64, 2), Self.configuration(4, 1, 2),
        Self.configuration(4, 8, 2), Self.configuration(4, 64, 2),
      ])
  }

  @Test func `a resource that isn't searched, or finds room after all, rules nothing out`() throws {
    #expect(Self.pruned(try Self.study([(2, 8, 2, Self.unplaced("ephemeral-storage"))])).isEmpty)
    let found = try Self.study([(2, 8, 1, Self.unplaced("memory")), (4, 8, 1, Self.served)])
    #expect(Self.pruned(found).isEmpty)
  }
}
