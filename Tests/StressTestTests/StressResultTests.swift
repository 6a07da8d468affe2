import StressTest
import Testing
import Tuning

/// The result as JSON: what it promises to scripts, and what fits a termination message.
@Suite struct StressResultTests {
  // MARK: A real test's result

  @Test func `the result agrees with the outcome that it brings`() async throws {
    let result = try await result(of: SimulatedCandidate())
    let measurement = try #require(result.outcome.measurement)
    #expect(result.throughput?.perSecond == measurement[.throughput])
    #expect(result.steps == measurement.loadSteps)
    let pairs: [(Estimate, Metric)] = [
      (result.latency.mean, .latencyMean), (result.latency.p50, .latencyP50),
      (result.latency.p90, .latencyP90), (result.latency.p95, .latencyP95),
      (result.latency.p99, .latencyP99),
    ]
    for (estimate, metric) in pairs {
      let value = try #require(estimate.value)
      #expect(abs(value - (measurement[metric] ?? 0)) < 1e-9 * value, "\(metric)")
      if let lower = estimate.lower, let upper = estimate.upper {
        #expect(lower <= value && value <= upper, "\(metric)")
      }
    }
    #expect(result.latency.mean.lower != nil)
    #expect(result.latency.max.lower == nil)
    #expect(result.warmUp >= .seconds(1))
    #expect(result.clientCPU > .zero)
    #expect(result.scheduleLag.max == 0)
    #expect(result.usage.memoryPeak == ByteCount(256 << 20))
    #expect(try #require(result.usage.cpu) > .zero)
    #expect(try #require(result.quality.effectiveRequests) > 10)
    #expect(try result.json().contains(#""gpu_memory_bytes":null"#))
  }

  @Test func `one load is offered once, and judged by the same limits`() async throws {
    var plan = StressPlan(constraints: [bound(.latencyP99, 100)])
    plan.aim = .load(Rate(perSecond: 50), .seconds(8))
    let carried = try await result(of: SimulatedCandidate(), plan: plan)
    guard case .measured(let measurement) = carried.outcome else {
      Issue.record("\(carried.outcome)")
      return
    }
    #expect(carried.steps.count == 1)
    #expect(abs(try #require(measurement[.throughput]) - 50) < 5)
    #expect(measurement.intervals[.throughput] == nil)
    plan.aim = .load(Rate(perSecond: 140), .seconds(8))
    let broken = try await result(of: SimulatedCandidate(), plan: plan)
    guard case .infeasible(let infeasibility) = broken.outcome else {
      Issue.record("\(broken.outcome)")
      return
    }
    #expect(infeasibility.reason == .constraintBroken)
    #expect(broken.latency.p99.value != nil)
    #expect(try #require(broken.throughput?.perSecond) < 105)
  }

  @Test func `the generator's own lag is in the latency, and not in the uncorrected one`()
    async throws
  {
    var plan = StressPlan(constraints: [])
    plan.aim = .load(Rate(perSecond: 20), .seconds(8))
    let result = try await result(of: SimulatedCandidate(scheduleLag: 0.05), plan: plan)
    let corrected = try #require(result.latency.p50.value)
    let uncorrected = try #require(result.uncorrectedLatency.p50.value)
    #expect(abs(corrected - uncorrected - 50) < 1e-6)
    #expect(abs(try #require(result.scheduleLag.p50) - 50) < 1e-6)
    #expect(result.verdict != .sound)
  }

  @Test func `a server that never serves has no numbers`() async throws {
    let result = try await result(of: SimulatedCandidate(readyAt: nil))
    #expect(result.throughput == nil && result.offered == nil && result.steps.isEmpty)
    for (_, path) in LatencyEstimates.parts { #expect(result.latency[keyPath: path].value == nil) }
    let text = try result.json()
    #expect(text.contains(#""throughput_rps":null"#))
    #expect(text.contains(#""p99":{"lower":null,"upper":null,"value":null}"#))
    #expect(try StressResult(json: text) == result)
  }

  // MARK: JSON

  @Test func `the whole form reads back as it was`() async throws {
    for candidate in [SimulatedCandidate(), SimulatedCandidate(hangsFrom: 8)] {
      let result = try await result(of: candidate)
      #expect(try StressResult(json: try result.json()) == result)
    }
  }

  @Test func `the compact form keeps the outcome but for digits`() async throws {
    let result = try await result(of: SimulatedCandidate())
    let text = try result.compact()
    #expect(text.utf8.count <= StressResult.compactBytesMax)
    let read = try StressResult(compact: text)
    #expect(try read.compact() == text)
    let (before, after) = (
      try #require(result.outcome.measurement), try #require(read.outcome.measurement)
    )
    #expect(after.verdict == before.verdict)
    #expect(Set(after.values.keys) == Set(before.values.keys))
    #expect(Set(after.intervals.keys) == Set(before.intervals.keys))
    for (metric, value) in before.values {
      #expect(abs((after[metric] ?? -1) - value) <= 5e-5 * abs(value), "\(metric)")
    }
    #expect(after.loadSteps.map(\.requests) == before.loadSteps.map(\.requests))
    #expect(after.loadSteps.map(\.holds) == before.loadSteps.map(\.holds))
  }

  @Test(arguments: [0, 1, 24, 200])
  func `the compact form fits whatever is in it`(count: Int) async throws {
    let worst = try await worstResult(steps: count)
    let text = try worst.compact()
    #expect(text.utf8.count <= StressResult.compactBytesMax)
    #expect(!text.contains("\n"))
    let read = try StressResult(compact: text)
    #expect(try read.compact() == text)
    guard case .infeasible(let infeasibility) = read.outcome else {
      Issue.record("\(read.outcome)")
      return
    }
    #expect(infeasibility.reason == .constraintBroken)
    #expect(infeasibility.phase == .loaded)
    #expect(infeasibility.detail.hasSuffix("…"))
    #expect(infeasibility.measurement?.values.count == Metric.reportedByStressTest.count)
    #expect(read.verdict != .sound)
  }

  @Test func `the steps at the edge are dropped last`() async throws {
    var result = try await result(of: SimulatedCandidate())
    let steps = (1...60).map { index in
      step(rate: Double(index) * 10, requests: index == 30 || index == 31 ? 1 : 1_000 + index)
    }
    result.outcome.measurement?.loadSteps = steps.map { step in
      var step = step
      step.holds = step.offeredRate <= 300
      return step
    }
    let read = try StressResult(compact: try result.compact())
    let rates = read.steps.map(\.offeredRate)
    #expect(rates.count > 3 && rates.count < 60)
    #expect(rates.contains(300) && rates.contains(310))
    // Of the others, those with the most requests; in the order in which they were.
    #expect(rates.contains(600) && !rates.contains(10))
    #expect(rates == rates.sorted())
  }

  @Test(arguments: ["", "{}", "null", "[1]", "out of memory", #"{"version": 2}"#])
  func `what is no result is refused`(text: String) {
    #expect(throws: StressResultError.self) { try StressResult(compact: text) }
  }

  // MARK: Values

  private func result(
    of candidate: SimulatedCandidate, plan: StressPlan? = nil
  ) async throws -> StressResult {
    let time = VirtualTime()
    let plan =
      plan
      ?? StressPlan(constraints: [bound(.latencyP99, 100)], readinessDeadline: .seconds(30))
    return try await Task(executorPreference: time) {
      try await CandidateTest.examine(
        candidate: candidate.candidate(on: time), plan: plan, clock: time)
    }.value
  }

  private func bound(_ metric: Metric, _ maximum: Double) -> Constraint {
    Constraint(metric: metric, maximum: maximum, isHeldByStressTest: true)
  }

  private func step(rate: Double, requests: Int, errors: [String: Int] = [:]) -> LoadStep {
    LoadStep(
      offeredRate: Rate(perSecond: rate), achievedRate: Rate(perSecond: rate),
      duration: .seconds(4), requests: requests, errors: errors,
      latencies: LoadStep.Latencies(
        mean: 1.0 / 3, p50: 2.0 / 3, p90: 4.0 / 3, p95: 5.0 / 3, p99: 7.0 / 3, max: 10.0 / 3),
      latencyP99Interval: Interval(lower: 2.0 / 3, upper: 8.0 / 3),
      scheduleLagP99: .nanoseconds(12_345), holds: true)
  }

  /// Long numbers, long texts full of what JSON escapes, metrics and errors that nobody knows.
  private func worstResult(steps: Int) async throws -> StressResult {
    var result = try await result(of: SimulatedCandidate())
    let nasty = String(repeating: "\u{1}\"\\ä👩‍👩‍👧‍👦\n", count: 500)
    let number = 1.23456789e-100
    let errors = Dictionary(
      uniqueKeysWithValues: (0..<50).map { (nasty + "\($0)", 1_000_000_000 + $0) })
    var values: [Metric: Double] = [:]
    let unknown = (0..<50).map { Metric("unknown_\($0)_" + nasty) }
    for metric in Metric.reportedByStressTest + unknown { values[metric] = -number }
    result.outcome = .infeasible(
      Infeasibility(
        .constraintBroken, .loaded, detail: nasty,
        lastLogLines: Array(repeating: nasty, count: 20),
        measurement: Measurement(
          values: values,
          intervals: values.mapValues { _ in Interval(lower: -number, upper: number) },
          censored: values.mapValues { _ in .atLeast }, noise: values,
          loadSteps: (0..<steps).map { _ in step(rate: number, requests: 1 << 53, errors: errors) },
          verdict: .doubtful(Array(repeating: nasty, count: 20)))))
    for (_, path) in LatencyEstimates.parts {
      result.latency[keyPath: path] = Estimate(value: number, lower: -number, upper: number)
      result.uncorrectedLatency[keyPath: path] = Estimate(
        value: number, lower: -number, upper: number)
    }
    result.errors = errors
    result.scheduleLag = ScheduleLag(p50: number, p99: number, max: number)
    result.throughput = Rate(perSecond: number)
    result.offered = Rate(perSecond: number)
    result.clientCPU = .seconds(1_000_000)
    result.warmUp = .seconds(1_000_000)
    result.quality.effectiveRequests = 1 << 53
    result.quality.littleDisagreement = number
    result.quality.generatorUtilization = number
    result.quality.drift = -number
    result.usage = Candidate.Usage(
      memoryPeak: ByteCount(.max >> 10), cpu: .seconds(1_000_000), throttled: .seconds(1_000_000),
      outOfMemoryKills: 1 << 53)
    return result
  }
}
