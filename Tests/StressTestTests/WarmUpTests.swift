import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

@Suite struct WarmUpTests {
  /// MSER-5 as White, Cobb and Spratt define it: of all truncations of the means of five, up to a half,
  /// the one whose mean squared deviation over the number kept is least; each computed anew.
  private static func truncation(of values: [Double]) -> Int {
    let means = stride(from: 0, to: values.count - 4, by: 5).map { begin in
      values[begin..<begin + 5].reduce(0, +) / 5
    }
    let errors = (0...means.count / 2).map { dropped in
      let kept = Array(means[dropped...])
      let mean = kept.reduce(0, +) / Double(kept.count)
      let squares = kept.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      return squares / Double(kept.count * kept.count)
    }
    return 5 * errors.indices.reduce(0) { errors[$1] < errors[$0] - 1e-12 ? $1 : $0 }
  }

  @Test(arguments: [15.0, 40, 100], [-1.0, 1])
  func `what is dropped is what MSER-5 drops`(fading: Double, direction: Double) {
    var found = 0
    for seed in 0..<40 as Range<UInt64> {
      var random = SeededGenerator(seed: seed, stream: 5)
      var noise = 0.0
      let values = (0..<600).map { index in
        noise = 0.6 * noise + random.nextUnit() - 0.5
        return 20 + noise + direction * 15 * exp(-Double(index) / fading)
      }
      let length = WarmUp.length(of: values)
      guard length > 0 else { continue }
      found += 1
      #expect(length == Self.truncation(of: values), "seed \(seed)")
    }
    #expect(found >= 36, "\(found) of 40")
  }

  @Test func `of a steady series nearly nothing is dropped`() {
    for seed in 0..<40 as Range<UInt64> {
      var random = SeededGenerator(seed: seed, stream: 6)
      let values = (0..<600).map { _ in -log(random.nextUnit()) }
      #expect(WarmUp.length(of: values) <= 60)
    }
  }

  @Test func `behind a cold start the mean is that of the law`() throws {
    var server = SimulatedServer(law: .exponential, serviceSeconds: 0.01)
    server.warmUpSeconds = 0.3
    let law = try #require(QueueLaw(server, rate: 50))
    let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))
    var (kept, whole) = ([Double](), [Double]())
    for seed in 1...40 {
      let summary = plan.summary(of: server, rate: 50, seconds: 30, ordinal: seed)
      kept.append(summary.step.latencies.mean)
      let window = plan.window(
        rate: Rate(perSecond: 50), duration: .seconds(30), ordinal: seed)
      let all = server.recording(of: window, stream: UInt64(seed)).requests
      whole.append(all.reduce(0) { $0 + Double($1.latency) * 1e-6 } / Double(all.count))
    }
    let (truth, count) = (1_000 * law.mean, Double(kept.count))
    let (mean, biased) = (kept.reduce(0, +) / count, whole.reduce(0, +) / count)
    #expect(abs(mean / truth - 1) < 0.15, "\(mean), not \(truth)")
    #expect(biased / truth - 1 > 0.3, "\(biased): the cold start is too mild to prove anything")
  }
}
