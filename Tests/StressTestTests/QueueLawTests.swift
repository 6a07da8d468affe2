import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

/// The closed forms against each other, against published figures, and against simulation.
@Suite struct QueueLawTests {
  @Test func `a single worker's law is exponential`() throws {
    let law = try #require(
      QueueLaw(SimulatedServer(law: .exponential, serviceSeconds: 0.01), rate: 70))
    #expect(abs(law.mean - 1 / 30) < 1e-12)
    #expect(abs(law.quantile(0.99) - log(100) / 30) < 1e-9)
  }

  @Test func `four workers wait as Erlang says`() throws {
    // C(4, 3) = 0.50943 (Erlang's table); the mean wait is C/(4μ − λ).
    let law = try #require(
      QueueLaw(SimulatedServer(law: .exponential, serviceSeconds: 1, workers: 4), rate: 3))
    #expect(abs(law.mean - (1 + 0.509434)) < 1e-5)
  }

  @Test(arguments: [0.3, 0.5, 0.8, 0.95])
  func `the law of deterministic service agrees with its mean`(load: Double) throws {
    let law = try #require(QueueLaw(SimulatedServer(serviceSeconds: 1), rate: load))
    // The mean is the integral of the probability of staying longer.
    let step = 0.01
    var sum = 0.0
    var time = step / 2
    while time < 60 / (1 - load) {
      sum += law.exceedance(of: time) * step
      time += step
    }
    #expect(abs(sum / law.mean - 1) < 1e-3)
    #expect(abs(law.exceedance(of: 1) - load) < 1e-9)
  }

  @Test func `what has no closed form has no law`() {
    #expect(QueueLaw(SimulatedServer(serviceSeconds: 1), rate: 1) == nil)
    #expect(QueueLaw(SimulatedServer(serviceSeconds: 1, workers: 2), rate: 1) == nil)
    #expect(QueueLaw(SimulatedServer(serviceSeconds: 1, batchMax: 4), rate: 0.5) == nil)
  }
}

/// Intervals of one window's numbers against the closed forms; the whole table is printed by a
/// benchmark.
@Suite struct AccuracyTests {
  static let servers: [(SimulatedServer, Double)] = [
    (SimulatedServer(serviceSeconds: 0.01), 70),
    (SimulatedServer(law: .exponential, serviceSeconds: 0.01), 50),
    (SimulatedServer(law: .exponential, serviceSeconds: 0.01), 80),
    (SimulatedServer(law: .exponential, serviceSeconds: 0.01, workers: 4), 320),
  ]

  @Test(arguments: servers)
  func `mean, median and p99 agree with the closed form`(
    server: SimulatedServer, rate: Double
  ) throws {
    let law = try #require(QueueLaw(server, rate: rate))
    let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))
    var held = 0
    for seed in 0..<100 {
      var server = server
      server.seed = UInt64(seed) &* 7_919
      let latencies = plan.summary(of: server, rate: rate, seconds: 120, ordinal: seed + 1)
        .latencies
      let pairs = [
        (latencies.mean, law.mean), (latencies.p50, law.quantile(0.5)),
        (latencies.p99, law.quantile(0.99)),
      ]
      held +=
        pairs.allSatisfy { estimate, truth in
          estimate.lower ?? 0 <= 1_000 * truth + 1e-6
            && 1_000 * truth - 1e-6 <= estimate.upper ?? .infinity
        } ? 1 : 0
    }
    #expect(held >= 94, "\(held) of 100")
  }

  @Test func `a generator that omits waits doesn't see a stall, and this one does`() {
    var server = SimulatedServer(serviceSeconds: 0.001)
    server.stall = (2, 0.5)
    let starts = (0..<1_000).map { Double($0) * 0.005 }
    let ends = server.ends(of: starts, stream: 1)
    let fromIntended = OrderedValues(zip(starts, ends).map { 1_000 * ($1 - $0) })
    // One that sends again only when it was answered: a single late request.
    var now = 0.0
    var omitted: [Double] = []
    while now < 5 {
      let end = server.ends(of: [now], stream: 1)[0]
      omitted.append(1_000 * (end - now))
      now = max(end, now + 0.005)
    }
    #expect(fromIntended.quantile(0.99) > 400)
    #expect(OrderedValues(omitted).quantile(0.99) < 5)
  }
}
