import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

/// False verdicts where either verdict is wrong as often as it can be: the 99th percentile is
/// exactly the bound. The whole table is printed by a benchmark; see Benchmarks/README.md.
@Suite struct SequentialVerdictTests {
  /// How many of the streams end with each verdict, and how long they take on average.
  private func verdicts(
    of stream: LatencyStream, streams: UInt64, length: Int, times factor: Double = 1,
    bound: Double? = nil
  ) -> (holds: Int, fails: Int, length: Int) {
    var (holds, fails, total) = (0, 0, 0)
    for seed in 0..<streams {
      let next = stream.make(SeededGenerator(seed: seed, stream: 11))
      var verdict = SequentialVerdict(bound: bound ?? stream.p99 * factor, leastToHold: 500)
      while verdict.count < length, verdict.conclusion == .undecided { verdict.append(next()) }
      holds += verdict.conclusion == .holds ? 1 : 0
      fails += verdict.conclusion == .fails ? 1 : 0
      total += verdict.count
    }
    return (holds, fails, total / Int(streams))
  }

  @Test(arguments: LatencyStream.kinds)
  func `a verdict at the edge is false as seldom as it says`(stream: LatencyStream) {
    let short = verdicts(of: stream, streams: 400, length: 3_000)
    #expect(short.holds <= 20 && short.fails <= 20, "\(short) of 400")
    let long = verdicts(of: stream, streams: 100, length: 20_000)
    #expect(long.holds <= 5 && long.fails <= 5, "\(long) of 100")
  }

  @Test(arguments: [10.0, 20, 50])
  func `a queue at exactly its capacity never holds`(bound: Double) {
    let stream = LatencyStream.exponentialQueue(load: 1)
    let (holds, fails, _) = verdicts(of: stream, streams: 100, length: 20_000, bound: bound)
    #expect(holds == 0)
    #expect(fails >= 96, "\(fails) of 100")
  }

  @Test func `a clear case is decided long before the end`() {
    let queue = LatencyStream.exponentialQueue(load: 0.5)
    let slow = verdicts(of: queue, streams: 100, length: 20_000, times: 0.5)
    #expect(slow.fails == 100 && slow.length < 1_000, "\(slow)")
    let quick = verdicts(of: queue, streams: 100, length: 20_000, times: 1.5)
    #expect(quick.holds >= 95 && quick.length < 10_000, "\(quick)")
  }

  @Test func `what is decided stays`() {
    var verdict = SequentialVerdict(bound: 1)
    for _ in 0..<300 { verdict.append(2) }
    #expect(verdict.conclusion == .fails)
    for _ in 0..<10_000 { verdict.append(0) }
    #expect(verdict.conclusion == .fails)
  }
}
