import Foundation
import StressTest
import Testing
import Tuning

/// False verdicts over 12,000 streams, 1,000 of each queue, whose 99th percentile is exactly the bound, so that either
/// verdict is wrong as often as it can be.
@Suite struct SequentialVerdictTests {
  /// A stream of latencies and the bound on their 99th percentile.
  struct Stream: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bound: Double
    let make: @Sendable (SeededGenerator) -> () -> Double
  }

  static let edge: [Stream] =
    [
      Stream(testDescription: "independent", bound: log(100)) { generator in
        var random = generator
        return { -log(random.nextUnit()) }
      }
    ] + [0.3, 0.5, 0.7, 0.8, 0.9, 0.95].map { queue(load: $0, bound: log(100) / (1 - $0)) }
    + [0.5, 0.9, 0.99].map { autoregressive($0) }
    + [(100, 1), (400, 4)].map { stalls(every: $0, late: $1) }

  /// The waiting and service times of M/M/1 with services of mean 1, from when it is empty.
  static func queue(load: Double, bound: Double) -> Stream {
    Stream(testDescription: "M/M/1 at \(load), bound \(bound)", bound: bound) { generator in
      var random = generator
      var wait = 0.0
      return {
        let latency = wait - log(random.nextUnit())
        wait = max(latency + log(random.nextUnit()) / load, 0)
        return latency
      }
    }
  }

  /// Normal values, correlated with those before.
  static func autoregressive(_ correlation: Double) -> Stream {
    Stream(testDescription: "autoregressive, \(correlation)", bound: 2.326348) { generator in
      var random = generator
      func normal() -> Double {
        (-2 * log(random.nextUnit())).squareRoot() * cos(2 * .pi * random.nextUnit())
      }
      var value = normal()
      return {
        value = correlation * value + (1 - correlation * correlation).squareRoot() * normal()
        return value
      }
    }
  }

  /// D/D/1 that stalls: of each `period` requests, `late` come after the bound, three times as many
  /// nearly.
  static func stalls(every period: Int, late: Int) -> Stream {
    Stream(testDescription: "a stall every \(period)", bound: Double(3 * late) + 1.5) { generator in
      var random = generator
      var position = Int(random.nextUnit() * Double(period))
      return {
        position = (position + 1) % period
        return 1 + Double(max(4 * late - position, 0))
      }
    }
  }

  /// How many of the streams end with each verdict, and how long they take on average.
  private func verdicts(
    of stream: Stream, streams: UInt64, length: Int, bound factor: Double = 1
  ) -> (holds: Int, fails: Int, length: Int) {
    var (holds, fails, total) = (0, 0, 0)
    for seed in 0..<streams {
      let next = stream.make(SeededGenerator(seed: seed, stream: 11))
      var verdict = SequentialVerdict(bound: stream.bound * factor, leastToHold: 500)
      while verdict.count < length, verdict.conclusion == .undecided { verdict.append(next()) }
      holds += verdict.conclusion == .holds ? 1 : 0
      fails += verdict.conclusion == .fails ? 1 : 0
      total += verdict.count
    }
    return (holds, fails, total / Int(streams))
  }

  @Test(arguments: edge)
  func `a verdict at the edge is false as seldom as it says`(stream: Stream) {
    let (holds, fails, _) = verdicts(of: stream, streams: 1_000, length: 3_000)
    #expect(holds <= 50 && fails <= 50, "\(holds) hold, \(fails) fail of 1000")
  }

  @Test(arguments: [10.0, 20, 50])
  func `a queue at exactly its capacity never holds`(bound: Double) {
    let stream = Self.queue(load: 1, bound: bound)
    let (holds, fails, _) = verdicts(of: stream, streams: 300, length: 20_000)
    #expect(holds == 0)
    #expect(fails >= 290, "\(fails) of 300")
  }

  @Test func `a clear case is decided long before the end`() {
    let queue = Self.queue(load: 0.5, bound: log(100) / 0.5)
    let slow = verdicts(of: queue, streams: 100, length: 20_000, bound: 0.5)
    #expect(slow.fails == 100 && slow.length < 1_000, "\(slow)")
    let quick = verdicts(of: queue, streams: 100, length: 20_000, bound: 1.5)
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
