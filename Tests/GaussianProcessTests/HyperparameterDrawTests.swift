import GaussianProcess
import Testing

@Suite struct HyperparameterDrawTests {
  private static let ordinals: [Inputs.Dimension] = [.ordinal, .ordinal]
  private static let believed = HyperparameterPrior(dimensions: ordinals)

  @Test func `draws depend on the generator alone and their weights on the evidence`() throws {
    let (inputs, values) = Self.observations(count: 5, seed: 3)
    let top = Prior.fitted(to: inputs, values, believing: Self.believed)
    let found = (0..<2).map { _ in
      var generator = SplitMix(state: 7)
      return Prior.drawn(
        around: top, given: inputs, values, believing: Self.believed, count: 8, using: &generator)
    }
    #expect(found[0].map(\.prior.hyperparameters) == found[1].map(\.prior.hyperparameters))
    let weight = found[0].map(\.weight).reduce(0, +)
    #expect(weight == 8)
    #expect(found[0].count >= 4)
  }

  @Test func `the mixture has the mean and the variance of its parts`() throws {
    let (inputs, values) = Self.observations(count: 5, seed: 4)
    let parts = try [0.0, -1.0].map { shift in
      var hyperparameters = Self.believed.mode
      hyperparameters.logLengthScales[0] += shift
      return try #require(
        Prior(hyperparameters: hyperparameters, dimensions: Self.ordinals)
          .conditioned(on: inputs, values))
    }
    let mixture = PosteriorMixture(parts, weights: [3, 1])
    let point = Inputs(rows: [0.3, 0.9], dimensions: Self.ordinals)
    let laws = parts.map { $0.marginals(at: point) }
    let mean = 0.75 * laws[0].means[0] + 0.25 * laws[1].means[0]
    let apart = laws[0].means[0] - laws[1].means[0]
    let between = 0.75 * 0.25 * apart * apart
    let variance = 0.75 * laws[0].variances[0] + 0.25 * laws[1].variances[0] + between
    let found = mixture.marginals(at: point)
    #expect(abs(found.means[0] - mean) < 1e-12)
    #expect(abs(found.variances[0] - variance) < 1e-12)
    var generator = SplitMix(state: 1)
    let draws = try #require(mixture.draws(at: point, count: 20_000, using: &generator))
    #expect(draws.count == 20_000)
    let drawnMean = draws.reduce(0, +) / 20_000
    #expect(abs(drawnMean - mean) < 6 * (variance / 20_000).squareRoot())
  }

  /// Functions from the prior whose hyperparameters are from theirs: 90 % intervals hold nine
  /// times in ten if everything is averaged over, and less often if only the likeliest is believed.
  @Test func `intervals hold as often as they say with five observations`() throws {
    var (mixed, single, count) = (0, 0, 0)
    for seed in 0..<150 as Range<UInt64> {
      var generator = SplitMix(state: 1_000 + seed)
      let z = NormalDistribution.draws(Self.believed.beliefs.count, using: &generator)
      let truth = Self.believed.hyperparameters(
        zip(Self.believed.beliefs, z).map { $0.mean + $0.deviation * $1 })
      let rows = (0..<16).map { _ in Double.random(in: 0...1, using: &generator) }
      let all = Inputs(rows: rows, dimensions: Self.ordinals)
      let none = Inputs(rows: [], dimensions: Self.ordinals)
      let function = try #require(
        Prior(hyperparameters: truth, dimensions: Self.ordinals).conditioned(on: none, [])?
          .draws(at: all, count: 1, using: &generator))
      let noise = NormalDistribution.draws(5, using: &generator)
      let values = (0..<5).map { function[$0] + truth.noiseVariance.squareRoot() * noise[$0] }
      let inputs = all.selecting(Array(0..<5))
      let top = Prior.fitted(to: inputs, values, believing: Self.believed)
      let drawn = Prior.drawn(
        around: top, given: inputs, values, believing: Self.believed, count: 8, using: &generator)
      let posteriors = drawn.compactMap { $0.prior.conditioned(on: inputs, values) }
      let mixture = PosteriorMixture(posteriors, weights: drawn.map(\.weight))
      let points = all.selecting(Array(5..<8))
      let believed = mixture.marginals(at: points)
      let likeliest = try #require(top.conditioned(on: inputs, values)).marginals(at: points)
      for i in 0..<3 {
        func holds(_ law: Posterior.Marginals) -> Bool {
          abs(function[5 + i] - law.means[i]) < 1.6449 * law.variances[i].squareRoot()
        }
        count += 1
        mixed += holds(believed) ? 1 : 0
        single += holds(likeliest) ? 1 : 0
      }
    }
    let share = Double(mixed) / Double(count)
    #expect(share > 0.86 && share < 0.95, "\(share), and \(Double(single) / Double(count)) without")
    #expect(mixed > single)
  }

  private static func observations(count: Int, seed: UInt64) -> (Inputs, [Double]) {
    var generator = SplitMix(state: seed)
    let rows = (0..<(2 * count)).map { _ in Double.random(in: 0...1, using: &generator) }
    let values = (0..<count).map { i -> Double in
      let (x, other) = (rows[2 * i], rows[2 * i + 1])
      return 2 * x - other * other
    }
    return (Inputs(rows: rows, dimensions: ordinals), values)
  }
}

/// SplitMix64, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
