import Foundation
import StressTest
import Testing
import Tuning

@Suite struct ArrivalScheduleTests {
  @Test func `constant arrivals have equal gaps`() {
    let starts = ArrivalSchedule.constant.intendedStarts(
      rate: Rate(perSecond: 4), duration: .seconds(2), seed: 1)
    #expect(starts == (0..<8).map { Int64($0) * 250_000_000 })
  }

  @Test func `Poisson arrivals are as many as asked for`() {
    for seed in 0..<50 as Range<UInt64> {
      let starts = ArrivalSchedule.poisson.intendedStarts(
        rate: Rate(perSecond: 33), duration: .milliseconds(2_500), seed: seed)
      #expect(starts.count == 82 || starts.count == 83)
    }
  }

  @Test func `Poisson arrivals have exponential gaps`() {
    let rate = 200.0
    let starts = ArrivalSchedule.poisson.intendedStarts(
      rate: Rate(perSecond: rate), duration: .seconds(50), seed: 3)
    let gaps = zip(starts, starts.dropFirst()).map { Double($1 - $0) * 1e-9 }.sorted()
    let distance = gaps.enumerated().map { index, gap in
      abs(1 - exp(-rate * gap) - (Double(index) + 0.5) / Double(gaps.count))
    }.max()
    // Kolmogorov and Smirnov: 1.63/√n is exceeded once in a hundred.
    #expect(distance! < 1.63 / Double(gaps.count).squareRoot())
  }

  @Test func `counts of Poisson arrivals in short spans vary as they should`() {
    let starts = ArrivalSchedule.poisson.intendedStarts(
      rate: Rate(perSecond: 1_000), duration: .seconds(20), seed: 9)
    var counts = Array(repeating: 0.0, count: 2_000)
    for start in starts { counts[Int(start / 10_000_000)] += 1 }
    let mean = counts.reduce(0, +) / 2_000
    let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1_999
    #expect(abs(variance / mean - 1) < 0.1)
  }

  @Test(arguments: ArrivalSchedule.allCases)
  func `arrivals rise within the duration and depend on the seed alone`(schedule: ArrivalSchedule) {
    let make = {
      schedule.intendedStarts(rate: Rate(perSecond: 77.7), duration: .seconds(3), seed: $0)
    }
    let starts = make(5)
    #expect(starts == make(5))
    #expect(starts == starts.sorted())
    #expect(starts.allSatisfy { (0..<3_000_000_000).contains($0) })
    #expect((make(6) == starts) == (schedule == .constant))
  }

  @Test(arguments: [0, -1, Double.nan, .infinity])
  func `no load is no arrivals`(rate: Double) {
    for schedule in ArrivalSchedule.allCases {
      #expect(
        schedule.intendedStarts(rate: Rate(perSecond: rate), duration: .seconds(1), seed: 0) == [])
    }
  }
}
