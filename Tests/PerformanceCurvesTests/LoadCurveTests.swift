import Foundation
import PerformanceCurves
import Testing
import Tuning

@Suite struct LoadCurveTests {
  /// A step on an M/M/1 queue of capacity 100/s, with relative noise in its latencies.
  private static func step(_ rate: Double, noise: Double = 0, using random: inout SeededGenerator)
    -> LoadStep
  {
    let capacity = 100.0
    let achieved = min(rate, capacity)
    let gap = max(capacity - rate, 1)
    func latency(_ probability: Double) -> Double {
      let normal =
        (-2 * log(random.nextUnit())).squareRoot() * cos(2 * .pi * random.nextUnit())
      return -1_000 * log(1 - probability) / gap * exp(noise * normal)
    }
    let (p50, p99) = (latency(0.5), latency(0.99))
    return LoadStep(
      offeredRate: Rate(perSecond: rate), achievedRate: Rate(perSecond: achieved),
      duration: .seconds(4), requests: Int(rate * 4), errors: [:],
      latencies: .init(mean: 1_000 / gap, p50: p50, p90: p99, p95: p99, p99: p99, max: p99),
      latencyP99Interval: Interval(lower: p99 * 0.75, upper: p99 * 1.33), scheduleLagP99: .zero,
      holds: p99 < 200)
  }

  private static func steps(_ rates: [Double], noise: Double = 0, seed: UInt64 = 0) -> [LoadStep] {
    var random = SeededGenerator(seed: seed)
    return rates.map { step($0, noise: noise, using: &random) }
  }

  private static let rates: [Double] = [10, 30, 50, 60, 70, 75, 80, 85, 120]
  private static func trueP99(_ rate: Double) -> Double { 1_000 * log(100) / (100 - rate) }

  @Test func `an M/M/1 queue without noise is found again`() throws {
    let curve = try #require(LoadCurve(fitting: Self.steps(Self.rates)))
    for rate in stride(from: 10.0, through: 85, by: 5) {
      let fitted = try #require(curve.latencyP99(at: Rate(perSecond: rate)))
      #expect(abs(fitted.value / Self.trueP99(rate) - 1) < 0.02)
    }
    let edge = try #require(curve.greatestRate(holding: 200))
    #expect(abs(edge.rate.perSecond / (100 - log(100) / 0.2) - 1) < 0.01)
    #expect(abs(try #require(curve.capacity).rate.perSecond - 100) < 2)
    // Kleinrock: the power of an M/M/1 queue is greatest at half of its capacity.
    #expect(abs(try #require(curve.knee).perSecond - 50) < 3)
  }

  @Test func `the band covers the true curve as often as it says`() throws {
    var covered = 0
    var asked = 0
    for seed in 0..<60 as Range<UInt64> {
      let curve = try #require(
        LoadCurve(fitting: Self.steps(Self.rates, noise: 0.15, seed: seed + 1)))
      for rate in [20.0, 40, 65, 78] {
        let fitted = try #require(curve.latencyP99(at: Rate(perSecond: rate)))
        asked += 1
        let truth = Self.trueP99(rate)
        covered += (fitted.interval.lower...fitted.interval.upper).contains(truth) ? 1 : 0
      }
    }
    #expect(Double(covered) / Double(asked) > 0.82, "\(covered) of \(asked)")
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `every curve rises, whatever the noise`(seed: UInt64) throws {
    let curve = try #require(LoadCurve(fitting: Self.steps(Self.rates, noise: 0.6, seed: seed)))
    let points = curve.points(count: 40)
    #expect(points.count == 40)
    for (left, right) in zip(points, points.dropFirst()) {
      #expect(left.throughput <= right.throughput)
      for (low, high) in [(left.p50, right.p50), (left.p99, right.p99)] {
        #expect(low.value <= high.value)
        #expect(low.interval.lower <= high.interval.lower + 1e-9)
        #expect(low.interval.upper <= high.interval.upper + 1e-9)
        #expect(low.interval.lower <= low.value && low.value <= low.interval.upper)
      }
    }
  }

  @Test func `nothing is said outside what was measured`() throws {
    let curve = try #require(LoadCurve(fitting: Self.steps(Self.rates)))
    #expect(curve.latencyP99(at: Rate(perSecond: 9)) == nil)
    #expect(curve.latencyP99(at: Rate(perSecond: 86)) == nil)
    #expect(curve.latencyP50(at: .zero) == nil)
    #expect(curve.throughput(at: Rate(perSecond: 121)) == nil)
    #expect(curve.greatestRate(holding: 1) == nil)
    #expect(curve.greatestRate(holding: 10_000) == nil)
    let unsaturated = try #require(LoadCurve(fitting: Self.steps([10, 30, 50])))
    #expect(unsaturated.capacity == nil)
  }

  @Test func `throughput follows the load up to the capacity`() throws {
    let curve = try #require(LoadCurve(fitting: Self.steps(Self.rates)))
    #expect(curve.throughput(at: Rate(perSecond: 50)) == 50)
    let most = try #require(curve.throughput(at: Rate(perSecond: 120)))
    #expect(abs(most - 100) < 2)
  }

  @Test func `an outlier moves the curve little`() throws {
    var steps = Self.steps(Self.rates + [40, 55, 65])
    steps[2].latencies.p99 *= 6
    let curve = try #require(LoadCurve(fitting: steps))
    let fitted = try #require(curve.latencyP99(at: Rate(perSecond: 80)))
    #expect(abs(fitted.value / Self.trueP99(80) - 1) < 0.15)
  }

  @Test func `degenerate steps are no accident`() throws {
    #expect(LoadCurve(fitting: []) == nil)
    var zero = Self.steps([50])[0]
    zero.latencies = .init(mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0)
    #expect(LoadCurve(fitting: [zero]) == nil)
    #expect(LoadCurve(fitting: Self.steps([150, 200])) == nil)

    let one = try #require(LoadCurve(fitting: Self.steps([50])))
    let point = try #require(one.points(count: 10).first)
    #expect(one.points(count: 10).count == 1)
    #expect(abs(point.p99.value / Self.trueP99(50) - 1) < 0.01)
    #expect(point.p99.interval.lower < point.p99.interval.upper)

    let two = try #require(LoadCurve(fitting: Self.steps([20, 80])))
    #expect(two.points(count: 3).count == 3)
    let same = try #require(LoadCurve(fitting: Self.steps([50, 50, 50])))
    #expect(same.latencyP99(at: Rate(perSecond: 50)) != nil)
    var nonsense = Self.steps([10, 30, 50])
    nonsense[1].latencies.p99 = .nan
    #expect(LoadCurve(fitting: nonsense) != nil)
  }

  @Test func `a flat latency is a flat curve`() throws {
    let steps = [10.0, 20, 40, 60].map { rate in
      LoadStep(
        offeredRate: Rate(perSecond: rate), achievedRate: Rate(perSecond: rate),
        duration: .seconds(4), requests: 400, errors: [:],
        latencies: .init(mean: 5, p50: 5, p90: 5, p95: 5, p99: 5, max: 5), latencyP99Interval: nil,
        scheduleLagP99: .zero, holds: true)
    }
    let curve = try #require(LoadCurve(fitting: steps))
    for point in curve.points(count: 5) { #expect(abs(point.p99.value - 5) < 0.1) }
    #expect(curve.greatestRate(holding: 4) == nil)
  }
}
