import QueueSimulation
import StressTest
import Testing
import Tuning

@Suite struct StopRuleTests {
  private static let server = SimulatedServer(law: .exponential, serviceSeconds: 0.01)

  private func result(
    _ bounds: [Constraint], seconds: Int = 300, stopsEarly: Bool = true,
    server: SimulatedServer = server
  ) async throws -> (Outcome, LoadStep) {
    var plan = StressPlan(constraints: bounds, timeout: .seconds(5))
    plan.aim = .load(Rate(perSecond: 50), .seconds(seconds))
    plan.stopsEarly = stopsEarly
    let time = VirtualTime()
    let outcome = try await Task(executorPreference: time) { [plan] in
      try await CandidateTest.run(
        candidate: SimulatedCandidate(server: server).candidate(on: time), plan: plan, clock: time)
    }.value
    let step =
      switch outcome {
      case .measured(let measurement): measurement.loadSteps.last
      case .infeasible(let infeasibility): infeasibility.measurement?.loadSteps.last
      case .pending: nil as LoadStep?
      }
    return (outcome, try #require(step))
  }

  @Test func `a bound that clearly holds ends the load`() async throws {
    // M/M/1 at half load: p99 is 92 ms.
    let (_, step) = try await result([.p99(250)])
    #expect(step.holds)
    #expect((5..<150).contains(step.seconds), "\(step.seconds) s")
    #expect(abs(step.offeredRate - 50) < 5 && abs(step.achievedRate / step.offeredRate - 1) < 0.02)
  }

  @Test func `a bound that clearly breaks ends the load at once`() async throws {
    let (outcome, step) = try await result([.p99(40)])
    #expect(!step.holds && step.seconds < 30)
    guard case .infeasible(let infeasibility) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(infeasibility.reason == .constraintBroken)
  }

  @Test func `a load goes on for as long as asked where nothing else is said`() async throws {
    let (_, step) = try await result([.p99(250)], stopsEarly: false)
    #expect(step.seconds > 290)
  }

  @Test func `a bound on the mean is never certain to hold`() async throws {
    let mean = Constraint(metric: .latencyMean, maximum: 500, isHeldByStressTest: true)
    let (_, step) = try await result([.p99(250), mean])
    #expect(step.seconds > 290)
  }

  @Test func `errors decide as latencies do`() {
    func conclusion(every: Int) -> (SequentialVerdict.Conclusion, Int) {
      var rule = StopRule(
        limits: LoadLimits(constraints: [.p99(50)]), requests: 4_000, rate: Rate(perSecond: 100))
      for index in 0..<4_000 {
        let fails = index % every == every - 1
        rule.append(
          RequestRecord(
            intendedStart: Int64(index) * 10_000_000, actualStart: Int64(index) * 10_000_000,
            end: Int64(index + 1) * 10_000_000, result: fails ? .statusNotOK : .success))
        if rule.conclusion != .undecided { return (rule.conclusion, index + 1) }
      }
      return (rule.conclusion, 4_000)
    }
    let (broken, early) = conclusion(every: 5)
    #expect(broken == .fails && early < 1_000)
    #expect(conclusion(every: .max).0 == .holds)
    #expect(conclusion(every: 100).0 == .undecided)
  }
}
