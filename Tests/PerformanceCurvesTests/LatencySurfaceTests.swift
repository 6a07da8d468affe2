import Foundation
import PerformanceCurves
import Testing
import Tuning

/// Trials on M/M/1 queues of known capacities, asked about bounds that they weren't tested with.
@Suite struct LatencySurfaceTests {
  private static func trial(_ ordinal: Int, cpu: String, capacity: Double, to share: Double) throws
    -> Trial
  {
    let steps = [0.2, 0.4, 0.6, 0.7, 0.8, 0.9].filter { $0 <= share }.map { load in
      let gap = capacity * (1 - load)
      let (p50, p99) = (1_000 * log(2) / gap, 1_000 * log(100) / gap)
      return LoadStep(
        offeredRate: Rate(perSecond: capacity * load),
        achievedRate: Rate(perSecond: capacity * load), duration: .seconds(20),
        requests: Int(capacity * load * 20), errors: [:],
        latencies: .init(mean: 1_000 / gap, p50: p50, p90: p99, p95: p99, p99: p99, max: p99),
        latencyP99Interval: Interval(lower: p99 * 0.9, upper: p99 * 1.1), scheduleLagP99: .zero,
        holds: p99 < 200)
    }
    return Trial(
      ordinal: ordinal,
      configuration: Configuration([.init(name: "cpu", level: .quantity(try Quantity(cpu)))]),
      outcome: .measured(
        Measurement(
          values: [.throughput: capacity * share, .latencyP99: 200], loadSteps: steps)))
  }

  private static func study() throws -> Study {
    let cpu = Parameter(
      name: "cpu",
      domain: try Domain(quantities: [Quantity("1"), Quantity("2"), Quantity("4")]),
      target: .resource(name: "cpu"))
    return Study(
      name: "test", space: try SearchSpace([cpu]),
      objective: Objective(.maximize, try Expression("throughput_rps / cost")),
      constraints: [Constraint(metric: .latencyP99, maximum: 200, isHeldByStressTest: true)],
      cost: Cost(fixed: 1, prices: ["cpu": .perUnit(1)]),
      limits: SearchLimits(
        trialsMax: 4, regretTolerance: Share(3, of: 100), confidence: Share(90, of: 100)), seed: 1,
      trials: [
        try trial(0, cpu: "1", capacity: 100, to: 0.8),
        try trial(1, cpu: "2", capacity: 150, to: 0.9),
        try trial(2, cpu: "4", capacity: 400, to: 0.6),
        Trial(
          ordinal: 3,
          configuration: Configuration([.init(name: "cpu", level: .quantity(try Quantity("4")))]),
          outcome: .infeasible(Infeasibility(.outOfMemory, .starting, detail: "killed"))),
      ])
  }

  @Test func `a tighter bound is read off the curves`() throws {
    let surface = LatencySurface(try Self.study())
    let latency = try #require(surface.latencyP99(ofTrial: 0, at: Rate(perSecond: 60)))
    #expect(abs(latency.value / (1_000 * log(100) / 40) - 1) < 0.05)
    // 100 − log(100)/0.12
    guard case .rate(let estimate) = surface.finding(at: surface.places[0], holding: 120) else {
      Issue.record("no rate")
      return
    }
    #expect(abs(estimate.rate.perSecond / (100 - log(100) / 0.12) - 1) < 0.03)
    #expect(estimate.interval.lower <= estimate.rate.perSecond)
  }

  @Test func `nothing is said of loads that weren't measured`() throws {
    let surface = LatencySurface(try Self.study())
    #expect(surface.latencyP99(ofTrial: 2, at: Rate(perSecond: 300)) == nil)
    // Its curve ends at 240 requests per second, where p99 is 28.8 ms.
    #expect(
      surface.finding(at: surface.places[2], holding: 150) == .atLeast(Rate(perSecond: 240)))
    // At a fifth of its capacity, p99 is 57.6 ms already.
    #expect(surface.finding(at: surface.places[0], holding: 40) == .below(Rate(perSecond: 20)))
    #expect(surface.finding(at: surface.places[3], holding: 40) == .unknown)
  }

  @Test func `the study under another bound has what is known, as what it is`() throws {
    let other = LatencySurface(try Self.study()).study(holding: 120)
    #expect(other.constraints.map(\.maximum) == [120])
    let measured = try #require(other.trials[0].measurement)
    #expect(measured.censored.isEmpty)
    #expect(try #require(measured.noise[.throughput]) > 0)
    #expect(other.trials[2].measurement?.censored == [.throughput: .atLeast])
    #expect(other.trials[3].measurement == nil)
    let tight = LatencySurface(try Self.study()).study(holding: 40)
    #expect(tight.trials[0].measurement?.censored == [.throughput: .atMost])
    #expect(tight.feasibleObjective(of: tight.trials[0]) == nil)
  }
}
