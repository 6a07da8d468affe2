import Foundation
import StressTest
import Testing
import Tuning

@Suite struct CapacitySearchTests {
  @Test func exploreScratch() {
    for (name, server, limit, truth) in Self.cases {
      for hint in [true, false] {
        var errors: [Double] = []; var seconds: [Double] = []; var steps: [Int] = []; var odd = 0; var conf = 0; var inside = 0
        for seed in 0..<100 as Range<UInt64> {
          var server = server
          server.seed = seed
          var plan = StressPlan(constraints: [.p99(limit)], seed: seed)
          if hint { plan.expectedRate = Rate(perSecond: truth * 1.4) }
          let (result, probes) = plan.search(server, startRate: 1/server.serviceSeconds)
          seconds.append(probes.reduce(0) { $0 + $1.duration.seconds }); steps.append(probes.count)
          guard case .found(let c) = result else { odd += 1; print(result); continue }
          if c.isConfirmed { conf += 1 }
          if c.greatestHeld.perSecond <= truth, c.leastFailed.map({ $0.perSecond >= truth }) ?? true { inside += 1 }
          errors.append(c.rate.perSecond / truth - 1)
        }
        let s = errors.sorted()
        print(name, hint, "truth", truth, "median err", s[s.count/2], "p5", s[5], "p95", s[s.count-6], "within 8%:", s.count{abs($0)<0.08}, "12%:", s.count{abs($0)<0.12}, "15%", s.count{abs($0)<0.15}, "odd", odd, "conf", conf, "inside", inside,
          "sec", seconds.reduce(0,+)/100, seconds.max()!, "steps", Double(steps.reduce(0,+))/100, steps.max()!)
      }
    }
  }

  static let cases: [(String, SimulatedServer, Double, Double)] = [
    ("M/M/1 100 p99 100", SimulatedServer(law: .exponential, serviceSeconds: 0.01), 100, 100 - log(100) / 0.1),
    ("M/D/2 20 p99 250", SimulatedServer(serviceSeconds: 0.05, workers: 2), 250, longRun(SimulatedServer(serviceSeconds: 0.05, workers: 2), 250)),
    ("M/D/1 100 p99 50", SimulatedServer(serviceSeconds: 0.01), 50, longRun(SimulatedServer(serviceSeconds: 0.01), 50)),
    ("M/D/4 20ms p99 60", SimulatedServer(serviceSeconds: 0.02, workers: 4), 60, longRun(SimulatedServer(serviceSeconds: 0.02, workers: 4), 60)),
    ("batch 8", SimulatedServer(serviceSeconds: 0.02, secondsPerExtra: 0.005, batchMax: 8), 120, longRun(SimulatedServer(serviceSeconds: 0.02, secondsPerExtra: 0.005, batchMax: 8), 120)),
  ]

  /// greatest rate by brute force: 200k requests a rate
  static func longRun(_ server: SimulatedServer, _ limit: Double) -> Double {
    var low = 0.1 / server.serviceSeconds, high = Double(server.workers * server.batchMax) / server.serviceSeconds
    for i in 0..<14 {
      let rate = (low * high).squareRoot()
      let starts = ArrivalSchedule.poisson.intendedStarts(rate: Rate(perSecond: rate), duration: .seconds(Int64(200_000 / rate)), seed: UInt64(i)).map { Double($0) * 1e-9 }
      let ends = server.ends(of: starts, stream: 1)
      let p99 = OrderedValues(zip(starts, ends).map { ($1 - $0) * 1000 }).quantile(0.99)
      if p99 <= limit { low = rate } else { high = rate }
    }
    return low
  }
}
