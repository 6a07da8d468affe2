import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

@Suite struct LoadStepSummaryTests {
  private let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))

  /// The interval of a mean of independent runs: three standard errors.
  private func expect(_ values: [Double], near truth: Double, slack: Double = 0) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    let error = (variance / Double(values.count)).squareRoot()
    #expect(abs(mean - truth) < 3 * error + slack * truth, "\(mean) ± \(error), not \(truth)")
  }

  private func steps(_ server: SimulatedServer, rate: Double) -> [LoadStep] {
    (0..<20).map { seed in
      plan.summary(of: server, rate: rate, seconds: 60, ordinal: seed + 1).step
    }
  }

  @Test func `M/M/1 latencies agree with the closed form`() {
    let steps = steps(SimulatedServer(law: .exponential, serviceSeconds: 0.01), rate: 50)
    expect(steps.map(\.latencies.mean), near: 1_000 / 50, slack: 0.01)
    expect(steps.map(\.latencies.p50), near: 1_000 * log(2) / 50, slack: 0.01)
    expect(steps.map(\.latencies.p99), near: 1_000 * log(100) / 50, slack: 0.03)
  }

  @Test func `M/D/1 latencies agree with the closed form`() throws {
    let steps = steps(SimulatedServer(serviceSeconds: 0.01), rate: 70)
    // Pollaczek and Khinchine: mean wait ρs/2(1 − ρ).
    expect(steps.map(\.latencies.mean), near: 10 + 10 * 0.7 / 0.6, slack: 0.01)
    let p99 = try #require(
      stride(from: 0.0, to: 0.2, by: 0.0001).first {
        Self.waitProbability(upTo: $0, rate: 70, service: 0.01) >= 0.99
      })
    expect(steps.map(\.latencies.p99), near: 10 + 1_000 * p99, slack: 0.03)
  }

  /// P(wait ≤ t) in M/D/1 (A. K. Erlang, 1909).
  private static func waitProbability(upTo time: Double, rate: Double, service: Double) -> Double {
    (0...Int(time / service)).reduce(0) { sum, count in
      let load = rate * (Double(count) * service - time)
      return sum + (1 - rate * service) * pow(load, Double(count)) * exp(-load)
        / tgamma(Double(count) + 1)
    }
  }

  @Test(arguments: [0.0, 0.5, 0.8])
  func `the interval of p99 covers it as often as it says`(correlation: Double) {
    var covered = 0
    var bounded = 0
    for seed in 0..<300 as Range<UInt64> {
      let values = Self.autocorrelated(2_000, correlation, seed: seed)
      let count = Autocorrelation.effectiveCount(of: values)
      guard
        let interval = OrderedValues(values).interval(ofQuantile: 0.99, effectiveCount: count)
      else { continue }
      bounded += 1
      // The 99th percentile of the standard normal distribution.
      covered += (interval.lower...interval.upper).contains(2.326348) ? 1 : 0
    }
    #expect(bounded > 100)
    #expect(Double(covered) / Double(bounded) > 0.86, "\(covered) of \(bounded)")
  }

  /// A first-order autoregressive series with standard normal values.
  private static func autocorrelated(_ count: Int, _ correlation: Double, seed: UInt64) -> [Double]
  {
    var generator = SeededGenerator(seed: seed, stream: 1)
    var value = 0.0
    return (0..<count + 50).map { _ in
      let radius = (-2 * log(generator.nextUnit())).squareRoot()
      let normal = radius * cos(2 * .pi * generator.nextUnit())
      value = correlation * value + (1 - correlation * correlation).squareRoot() * normal
      return value
    }.suffix(count)
  }

  @Test(arguments: [0.5, 2, 3.5])
  func `a stall of half a second shows in p99 wherever it happens`(at: Double) {
    var server = SimulatedServer(serviceSeconds: 0.001)
    #expect(plan.summary(of: server, rate: 200, seconds: 5, ordinal: 1).step.latencies.p99 < 5)
    server.stall = (at, 0.5)
    let step = plan.summary(of: server, rate: 200, seconds: 5, ordinal: 1).step
    #expect(step.latencies.p99 > 400)
    #expect(step.latencies.max > 480)
  }

  @Test func `a cold start is left out and a steady one is not`() {
    var server = SimulatedServer(law: .exponential, serviceSeconds: 0.002)
    let steady = (1...50).map { plan.summary(of: server, rate: 100, seconds: 5, ordinal: $0) }
    #expect(steady.count { $0.warmUpSeconds > 0.5 } <= 5)
    server.warmUpSeconds = 0.3
    let cold = (1...50).map { plan.summary(of: server, rate: 100, seconds: 5, ordinal: $0) }
    #expect(cold.count { (0.2...2.5).contains($0.warmUpSeconds) } >= 40)
  }

  @Test func `failed requests never improve a number`() {
    let window = plan.window(rate: Rate(perSecond: 100), duration: .seconds(5), ordinal: 1)
    func step(_ failure: (latency: Int64, result: RequestResult)?) -> LoadStep {
      let requests = window.intendedStarts.enumerated().map { index, start in
        let fails = index % 21 == 7 ? failure : nil
        let latency = fails?.latency ?? Int64(10_000_000 + index % 97 * 100_000)
        return RequestRecord(
          intendedStart: start, actualStart: start, end: start + latency,
          result: fails?.result ?? .success)
      }
      let recording = LoadRecording(requests: requests, wasCutShort: false, generatorCPU: .zero)
      return LoadStepSummary(
        recording, of: window, rate: Rate(perSecond: 100), limits: plan.limits
      ).step
    }
    let good = step(nil)
    let refused = step((1_000, .connectionRefused))
    let timedOut = step((2_000_000_000, .timedOut))
    #expect(good.holds && !refused.holds && !timedOut.holds)
    #expect(refused.latencies.p50 >= good.latencies.p50 - 0.3)
    #expect(refused.latencies.mean >= good.latencies.mean - 0.3)
    #expect(timedOut.latencies.p99 == 2_000)
    #expect(timedOut.errors == ["timed out": 24])
    #expect(abs(refused.achievedRate - 0.95 * refused.offeredRate) < 1)
  }

  @Test func `an empty recording is a step that doesn't hold`() {
    let window = LoadWindow(
      intendedStarts: [], duration: .seconds(1), timeout: .seconds(1), outstandingMax: 1)
    let recording = LoadRecording(requests: [], wasCutShort: false, generatorCPU: .zero)
    let summary = LoadStepSummary(
      recording, of: window, rate: Rate(perSecond: 1), limits: plan.limits)
    #expect(!summary.step.holds)
    #expect(summary.step.latencyP99Interval == nil)
  }
}

@Suite struct SaturationTests {
  /// A bound so wide that only the backlog can tell.
  private let plan = StressPlan(constraints: [.p99(1e5)], timeout: .seconds(100))

  private func saturated(_ server: SimulatedServer, rate: Double) -> Int {
    (0..<100).count { seed in
      var server = server
      server.seed = UInt64(seed)
      return !plan.summary(of: server, rate: rate, seconds: 8, ordinal: seed + 1).step.holds
    }
  }

  @Test func `a load above the capacity piles up`() {
    #expect(saturated(SimulatedServer(law: .exponential, serviceSeconds: 0.01), rate: 125) >= 97)
    #expect(saturated(SimulatedServer(serviceSeconds: 0.02, workers: 4), rate: 220) >= 97)
  }

  @Test func `a load at exactly the capacity mostly piles up`() {
    #expect(saturated(SimulatedServer(serviceSeconds: 0.01), rate: 100) >= 35)
  }

  @Test func `a load that is carried seldom seems to pile up`() {
    #expect(saturated(SimulatedServer(law: .exponential, serviceSeconds: 0.01), rate: 60) <= 5)
    #expect(saturated(SimulatedServer(serviceSeconds: 0.01), rate: 80) <= 5)
    #expect(saturated(SimulatedServer(serviceSeconds: 0.02, workers: 4), rate: 170) <= 5)
  }
}
