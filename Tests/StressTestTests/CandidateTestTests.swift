import QueueSimulation
import StressTest
import Synchronization
import Testing
import Tuning

@Suite struct CandidateTestTests {
  @Test func `a healthy candidate is measured with everything it used`() async throws {
    let (outcome, seconds) = try await outcome(of: SimulatedCandidate())
    guard case .measured(let measurement) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(measurement.isUsable)
    let throughput = try #require(measurement[.throughput])
    #expect((75...95).contains(throughput))
    let interval = try #require(measurement.intervals[.throughput])
    #expect(interval.lower <= throughput && throughput <= interval.upper)
    #expect(try #require(measurement[.latencyP99]) <= 100)
    #expect(measurement[.errorRate] == 0)
    #expect(measurement[.memory] == 0.25)
    #expect(abs(try #require(measurement[.cpuPerRequest]) - 8) < 1e-9)
    #expect(measurement.loadSteps.count >= 4)
    #expect(seconds < 40)
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let candidate: SimulatedCandidate
    let reason: Infeasibility.Reason
    let phase: Infeasibility.Phase
    /// Seconds within which it must be noticed.
    let within: Double
    var testDescription: String { name }
  }

  static let faults: [Fault] = [
    Fault(
      name: "never ready", candidate: SimulatedCandidate(readyAt: nil), reason: .neverReady,
      phase: .starting, within: 30.5),
    Fault(
      name: "exits while starting",
      candidate: SimulatedCandidate(readyAt: nil, end: (3, "exit status 1")), reason: .exited,
      phase: .starting, within: 4.1),
    Fault(
      name: "killed for memory while starting",
      candidate: SimulatedCandidate(readyAt: nil, end: (3, "signal 9"), outOfMemoryKillAt: 3),
      reason: .outOfMemory, phase: .starting, within: 4.1),
    Fault(
      name: "ready but the first request hangs", candidate: SimulatedCandidate(hangsFrom: 0),
      reason: .neverReady, phase: .starting, within: 60),
    Fault(
      name: "ready but answers with garbage", candidate: SimulatedCandidate(wrongFrom: 0),
      reason: .wrongAnswers, phase: .starting, within: 10),
    Fault(
      name: "ready but answers 500s",
      candidate: SimulatedCandidate(wrongFrom: 0, wrongResult: .statusNotOK),
      reason: .wrongAnswers, phase: .starting, within: 10),
    Fault(
      name: "exits under load", candidate: SimulatedCandidate(end: (8, "signal 11")),
      reason: .exited, phase: .loaded, within: 8.2),
    Fault(
      name: "exits with 0 after an OOM kill",
      candidate: SimulatedCandidate(end: (8, "exit status 0"), outOfMemoryKillAt: 8),
      reason: .outOfMemory, phase: .loaded, within: 8.2),
    Fault(
      name: "a worker is killed and the server lives on",
      candidate: SimulatedCandidate(outOfMemoryKillAt: 8), reason: .outOfMemory, phase: .loaded,
      within: 8.2),
    Fault(
      name: "hangs under load", candidate: SimulatedCandidate(hangsFrom: 8), reason: .hung,
      phase: .loaded, within: 25),
    Fault(
      name: "turns to garbage under load", candidate: SimulatedCandidate(wrongFrom: 8),
      reason: .wrongAnswers, phase: .loaded, within: 25),
    Fault(
      name: "too slow for the bound at any load",
      candidate: SimulatedCandidate(server: SimulatedServer(serviceSeconds: 0.2)),
      reason: .constraintBroken, phase: .loaded, within: 30),
  ]

  @Test(arguments: faults)
  func `each fault gets its reason, in time`(fault: Fault) async throws {
    let (outcome, seconds) = try await outcome(of: fault.candidate)
    guard case .infeasible(let infeasibility) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(infeasibility.reason == fault.reason, "\(infeasibility.detail)")
    #expect(infeasibility.phase == fault.phase)
    #expect(infeasibility.lastLogLines == ["loading", "serving"])
    #expect(!infeasibility.detail.isEmpty)
    #expect(seconds <= fault.within)
  }

  @Test func `a broken bound is named with what was measured`() async throws {
    let slow = SimulatedCandidate(server: SimulatedServer(serviceSeconds: 0.2))
    let (outcome, _) = try await outcome(of: slow)
    guard case .infeasible(let infeasibility) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(infeasibility.detail.contains(" requests per second latency_p99_ms was 2"))
    #expect(infeasibility.detail.hasSuffix(", above 100"))
    #expect(try #require(infeasibility.measurement?[.latencyP99]) >= 200)
  }

  @Test func `a measurement in which the generator was the bottleneck isn't used`() async throws {
    let (outcome, _) = try await outcome(
      of: SimulatedCandidate(scheduleLag: 0.02, generatorUtilization: 0.8))
    guard case .measured(let measurement) = outcome,
      case .unusable(let reasons) = measurement.verdict
    else {
      Issue.record("\(outcome)")
      return
    }
    #expect(!measurement.isUsable)
    #expect(reasons[0].hasPrefix("the generator was the bottleneck"))
    #expect(reasons.contains("the generator sent 1 % of the requests more than 20 ms late"))
    #expect(reasons.contains { $0.contains("the generator used ") })
  }

  @Test(arguments: [1.0, 2.005, 2.5, 6, 12])
  func `a cancelled test ends at once`(after seconds: Double) async {
    let time = VirtualTime()
    let canceller = Task(executorPreference: time) {
      let task = Task(executorPreference: time) {
        try await CandidateTest.run(
          candidate: SimulatedCandidate().candidate(on: time), plan: Self.plan, clock: time)
      }
      try? await time.sleep(for: .seconds(seconds))
      task.cancel()
      return await task.result
    }
    let result = await canceller.value
    #expect(throws: CancellationError.self) { try result.get() }
    #expect(time.now.offset.seconds <= seconds + 0.02)
  }

  @Test func `an early cut reports an upper bound`() async throws {
    var plan = Self.plan
    plan.incumbentRate = Rate(perSecond: 150)
    let (outcome, seconds) = try await outcome(of: SimulatedCandidate(), plan: plan)
    guard case .measured(let measurement) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    // What one worker answers in 10 ms each while requests pile up, and no latency under such a load.
    let interval = try #require(measurement.intervals[.throughput])
    #expect(interval.lower == 0 && (80...110).contains(interval.upper))
    #expect(measurement[.latencyP99] == nil)
    #expect(measurement.verdict != .sound)
    #expect(measurement.loadSteps.count == 2)
    #expect(seconds < 15)
  }

  @Test func `events tell the story in order`() async throws {
    let told = Mutex<[String]>([])
    _ = try await outcome(of: SimulatedCandidate()) { event in
      let word =
        switch event {
        case .waitingUntilReady: "waiting"
        case .answered: "answered"
        case .warmingUp: "warming up"
        case .offering, .sending, .measured: "loading"
        case .finished: "finished"
        }
      told.withLock { if $0.last != word { $0.append(word) } }
    }
    #expect(
      told.withLock { $0 } == ["waiting", "answered", "warming up", "loading", "finished"])
  }

  static let plan = StressPlan(
    constraints: [.p99(100)], readinessDeadline: .seconds(30), seed: 7)

  private func outcome(
    of simulated: SimulatedCandidate, plan: StressPlan = plan,
    progress: @escaping @Sendable (StressEvent) -> Void = { _ in }
  ) async throws -> (Outcome, seconds: Double) {
    let time = VirtualTime()
    let task = Task(executorPreference: time) {
      let outcome = try await CandidateTest.run(
        candidate: simulated.candidate(on: time), plan: plan, clock: time, progress: progress)
      return (outcome, time.now.offset.seconds)
    }
    return try await task.value
  }
}
