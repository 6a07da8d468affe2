import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

@Suite struct CapacitySearchTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let server: SimulatedServer
    /// The bound on p99, in milliseconds.
    let limit: Double
    /// The greatest rate whose stationary p99 keeps the bound: analytic for M/M/1, else from
    /// 200,000 requests a rate.
    let capacity: Double
    /// The relative error within which so many in 100 searches must end.
    let error: Double
    let share: Int
  }

  static let cases = [
    Case(
      testDescription: "M/D/4", server: SimulatedServer(serviceSeconds: 0.02, workers: 4),
      limit: 60, capacity: 153.34, error: 0.12, share: 80),
    Case(
      testDescription: "batches of up to 8",
      server: SimulatedServer(serviceSeconds: 0.02, secondsPerExtra: 0.005, batchMax: 8),
      limit: 120, capacity: 109.85, error: 0.12, share: 80),
    Case(
      testDescription: "M/D/1, bound of five services",
      server: SimulatedServer(serviceSeconds: 0.01), limit: 50, capacity: 56.17, error: 0.25,
      share: 80),
    Case(
      testDescription: "fast M/M/1",
      server: SimulatedServer(law: .exponential, serviceSeconds: 1 / 400), limit: 30,
      capacity: 400 - log(100) / 0.03, error: 0.2, share: 78),
  ]

  @Test(arguments: cases, [true, false])
  func `the capacity of a queue is found`(queue: Case, isExpected: Bool) {
    var (near, held) = (0, 0)
    var errors: [Double] = []
    var seconds = 0.0
    for seed in 0..<40 as Range<UInt64> {
      var server = queue.server
      server.seed = seed
      var plan = StressPlan(constraints: [.p99(queue.limit)], seed: seed)
      if isExpected { plan.expectedRate = Rate(perSecond: queue.capacity * 1.4) }
      let (result, probes, spent) = plan.search(server, startRate: 1 / server.serviceSeconds)
      seconds += spent
      #expect(spent <= 30 && probes.count <= CapacitySearch.stepsMax)
      guard case .found(let capacity) = result else { continue }
      let interval = capacity.interval.lower...capacity.interval.upper
      #expect(interval.contains(capacity.rate.perSecond))
      errors.append(capacity.rate.perSecond / queue.capacity - 1)
      near += abs(errors[errors.count - 1]) <= queue.error ? 1 : 0
      held += interval.contains(queue.capacity) ? 1 : 0
    }
    #expect(100 * near >= 40 * queue.share, "\(near) of 40 in \(queue.error), \(seconds / 40) s")
    #expect(held >= 36, "\(held) of 40 intervals hold the capacity")
    let middle = OrderedValues(errors).quantile(0.5)
    #expect(abs(middle) < 0.1, "\(middle)")
  }

  @Test(arguments: [cases[0], cases[1]])
  func `a single window seldom errs an eighth from the edge`(queue: Case) {
    let plan = StressPlan(constraints: [.p99(queue.limit)])
    func held(_ factor: Double) -> Int {
      (0..<200).count { seed in
        plan.summary(of: queue.server, rate: queue.capacity * factor, seconds: 4, ordinal: seed)
          .step.holds
      }
    }
    let (below, above) = (held(0.875), held(1.125))
    #expect(below >= 160, "\(below) of 200")
    #expect(above <= 30, "\(above) of 200")
  }

  @Test(arguments: [10.0, 15, 20])
  func `a slowly mixing queue's capacity is neither too high nor too low`(services: Double) {
    let capacity = 100 - log(100) / (0.01 * services)
    var errors: [Double] = []
    var held = 0
    for seed in 0..<40 as Range<UInt64> {
      var server = SimulatedServer(law: .exponential, serviceSeconds: 0.01)
      server.seed = seed
      let plan = StressPlan(
        constraints: [.p99(10 * services)], timeBudget: .seconds(120), seed: seed)
      guard case .found(let found) = plan.search(server, startRate: 100).result else { continue }
      errors.append(found.rate.perSecond / capacity - 1)
      held += (found.interval.lower...found.interval.upper).contains(capacity) ? 1 : 0
    }
    #expect(errors.count >= 38)
    let middle = OrderedValues(errors).quantile(0.5)
    #expect(abs(middle) < 0.06, "\(middle)")
    // The intervals of a search that ends once they are narrow hold less than they say.
    #expect(held >= 34, "\(held) of 40 intervals hold the capacity")
  }

  @Test func `the same steps lead to the same search`() {
    let plan = StressPlan(constraints: [.p99(60)], seed: 4)
    let server = SimulatedServer(law: .exponential, serviceSeconds: 0.005)
    let (first, second) = (plan.search(server), plan.search(server))
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
  }

  @Test func `a server beyond the generator's limit is known to do as much`() {
    let plan = StressPlan(constraints: [.p99(60)], rateMax: Rate(perSecond: 100))
    let (result, _, _) = plan.search(SimulatedServer(serviceSeconds: 0.001))
    #expect(result == .atLeast(Rate(perSecond: 100)))
  }

  @Test func `a server too slow at any load is given up within seconds`() {
    let plan = StressPlan(constraints: [.p99(100)])
    let (result, probes, _) = plan.search(SimulatedServer(serviceSeconds: 0.2), startRate: 5)
    guard case .nothingHolds(let lowest) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(lowest.latencies.p99 >= 200)
    #expect(probes.reduce(0) { $0 + $1.duration.seconds } <= 20)
  }

  @Test(arguments: [8, 12])
  func `too little time is no reason to call a server infeasible`(seconds: Int) {
    for seed in 0..<100 as Range<UInt64> {
      var server = SimulatedServer(serviceSeconds: 0.01)
      server.seed = seed
      let plan = StressPlan(
        constraints: [.p99(50)], timeBudget: .seconds(seconds), seed: seed)
      let (result, probes, _) = plan.search(server, startRate: 100)
      if case .nothingHolds(let lowest) = result {
        Issue.record("seed \(seed): \(lowest.offeredRate) requests per second, \(lowest.holds)")
      }
      #expect(probes.reduce(0) { $0 + $1.duration.seconds } <= Double(2 * seconds))
    }
  }

  @Test func `a candidate that can't beat the incumbent is cut early`() {
    var plan = StressPlan(constraints: [.p99(60)])
    plan.incumbentRate = Rate(perSecond: 130)
    let (result, probes, _) = plan.search(SimulatedServer(serviceSeconds: 0.01))
    #expect(result == .below(Rate(perSecond: 130)))
    #expect(probes.count == 2, "one window may be a pause")
    let (better, _, _) = plan.search(SimulatedServer(serviceSeconds: 0.002))
    guard case .found = better else {
      Issue.record("\(better)")
      return
    }
  }

  @Test func `a single pause doesn't cut a good candidate`() {
    let bound = 150.0
    let capacity = 100 - log(100) / (0.01 * 15)
    var cut = 0
    for seed in 0..<60 as Range<UInt64> {
      var plan = StressPlan(constraints: [.p99(bound)], seed: seed)
      plan.incumbentRate = Rate(perSecond: 0.8 * capacity)
      var search = CapacitySearch(plan: plan)
      var seen: CapacitySearch.Observation?
      var windows = 0
      while case .probe(let probe) = search.next(after: seen), windows < 3 {
        windows += 1
        var server = SimulatedServer(law: .exponential, serviceSeconds: 0.01)
        server.seed = seed
        if windows == 1 { server.stall = (at: 1, length: 0.6) }
        let window = plan.window(for: probe, ordinal: windows)
        let recording = server.recording(of: window, stream: UInt64(windows))
        seen = CapacitySearch.Observation(
          LoadStepSummary(recording, of: window, rate: probe.rate, limits: plan.limits))
      }
      cut += windows < 3 ? 1 : 0
    }
    #expect(cut <= 6, "\(cut) of 60")
  }

  @Test func `a bound on the first token decides where the edge is`() {
    let constraint = Constraint(
      metric: Metric("ttft_p99_ms"), maximum: 100, isHeldByStressTest: true)
    let plan = StressPlan(constraints: [constraint])
    var search = CapacitySearch(plan: plan, startRate: Rate(perSecond: 40))
    var seen: CapacitySearch.Observation?
    while true {
      switch search.next(after: seen) {
      case .finished(.found(let capacity)):
        #expect(abs(capacity.rate.perSecond / 141.4 - 1) < 0.15, "\(capacity.rate)")
        return
      case .finished(let other):
        Issue.record("\(other)")
        return
      case .probe(let probe):
        let first = 50 * pow(probe.rate.perSecond / 100, 2)
        var step = LoadStep(
          offeredRate: probe.rate, achievedRate: probe.rate, duration: probe.duration,
          requests: 200, errors: [:],
          latencies: .init(mean: 900, p50: 900, p90: 950, p95: 970, p99: 990, max: 999),
          latencyP99Interval: nil, scheduleLagP99: .zero, holds: false)
        step.generation = LoadStep.Generation()
        step.generation?.firstToken = .init(
          mean: first / 3, p50: first / 3, p90: first / 2, p95: first / 1.5, p99: first, max: first)
        step.holds = plan.limits.hold(step)
        seen = CapacitySearch.Observation(step, limits: plan.limits)
      }
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `whatever the verdicts, the search ends`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let limits = LoadLimits(constraints: [.p99(60)])
    var search = CapacitySearch(plan: StressPlan(constraints: [.p99(60)]))
    var step: LoadStep?
    var seconds = 0.0
    for _ in 0...CapacitySearch.stepsMax {
      let seen = step.map { CapacitySearch.Observation($0, limits: limits) }
      guard case .probe(let probe) = search.next(after: seen) else { return }
      seconds += probe.duration.seconds
      // Twice the budget, while nothing has held.
      #expect(seconds <= 60)
      let p99 = 120 * random.nextUnit()
      let achieved = probe.rate * (random.nextUnit() < 0.3 ? random.nextUnit() : 1)
      var made = LoadStep(
        offeredRate: probe.rate, achievedRate: achieved, duration: probe.duration, requests: 100,
        errors: [:], latencies: .init(mean: 1, p50: 1, p90: 1, p95: 1, p99: p99, max: p99),
        latencyP99Interval: nil, scheduleLagP99: .zero, holds: false)
      made.holds = limits.hold(made)
      step = made
    }
    Issue.record("it asked for more than \(CapacitySearch.stepsMax) windows")
  }
}
