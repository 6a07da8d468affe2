import GaussianProcess
import Glibc
import Testing

@Suite struct BottleneckModelTests {
  /// The logarithm of the least of two power laws of two levels, rounded at the corner.
  private static func rate(_ a: Double, _ b: Double) -> Double {
    -0.25 * log(exp(-4 * (2 + 0.9 * a)) + exp(-4 * (2.2 + 0.7 * b)))
  }

  private static func grid(_ count: Int) -> [Double] {
    (0..<count).flatMap { i in
      (0..<count).flatMap { j in
        [i, j].map { 2 * Double($0) / Double(count - 1) - 1 }
      }
    }
  }

  private static func fitted(
    noise: Double, seed: UInt64, _ shape: BottleneckModel.Shape = .minimum
  ) -> BottleneckModel? {
    var generator = Generator(state: seed)
    let points = (0..<16).flatMap { _ in
      [Double.random(in: -1...1, using: &generator), .random(in: -1...1, using: &generator)]
    }
    let errors = NormalDistribution.draws(16, using: &generator)
    let sign = shape == .minimum ? 1.0 : -1.0
    let values = (0..<16).map {
      sign * rate(points[2 * $0], points[2 * $0 + 1]) + noise * errors[$0]
    }
    return BottleneckModel.fitted(
      points, values, shape,
      believing: .init(
        center: values.reduce(0, +) / 16, centerDeviation: 1.2, weightDeviations: [0.5, 0.5],
        remainder: max(noise, 0.01)),
      starts: 4, using: &generator)
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test(arguments: 1..<6 as Range<UInt64>)
  func `sixteen observations of two bottlenecks tell the rest`(seed: UInt64) throws {
    let model = try #require(Self.fitted(noise: 0.01, seed: seed))
    let points = Self.grid(9)
    let found = model.marginals(points)
    var squares = 0.0
    for i in found.means.indices {
      let error = found.means[i] - Self.rate(points[2 * i], points[2 * i + 1])
      squares += error * error
    }
    #expect((squares / 81).squareRoot() < 0.05)
  }

  @Test func `a sum is a minimum upside down`() throws {
    let rates = try #require(Self.fitted(noise: 0, seed: 3))
    let times = try #require(Self.fitted(noise: 0, seed: 3, .sum))
    let points = Self.grid(5)
    let (a, b) = (rates.marginals(points), times.marginals(points))
    for i in a.means.indices {
      #expect(abs(a.means[i] + b.means[i]) < 1e-3)
      #expect(abs(a.variances[i] - b.variances[i]) < 1e-3)
    }
  }

  @Test func `the truth lies within two deviations nearly always`() throws {
    let points = Self.grid(5)
    var inside = 0
    for seed in 10..<40 as Range<UInt64> {
      let found = try #require(Self.fitted(noise: 0.03, seed: seed)).marginals(points)
      for i in found.means.indices {
        let error = found.means[i] - Self.rate(points[2 * i], points[2 * i + 1])
        if error * error <= 4 * (found.variances[i] + 1e-4) { inside += 1 }
      }
    }
    #expect(Double(inside) > 0.85 * 30 * 25)
  }

  @Test func `draws scatter as the marginals say`() throws {
    let model = try #require(Self.fitted(noise: 0.03, seed: 4))
    let points = Self.grid(3)
    let marginals = model.marginals(points)
    var generator = Generator(state: 9)
    let count = 20_000
    let draws = model.draws(points, count: count, using: &generator)
    for i in 0..<9 {
      let values = (0..<count).map { draws[$0 * 9 + i] }
      let mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      let deviation = marginals.variances[i].squareRoot()
      #expect(abs(mean - marginals.means[i]) < 0.05 * deviation)
      #expect(abs(variance / marginals.variances[i] - 1) < 0.1)
    }
  }

  @Test func `values that aren't finite have no model`() {
    var generator = Generator(state: 1)
    let model = BottleneckModel.fitted(
      [0, 1], [.nan, 1], .sum,
      believing: .init(center: 0, centerDeviation: 1, weightDeviations: [0.5], remainder: 0.1),
      starts: 2, using: &generator)
    #expect(model == nil)
  }
}
