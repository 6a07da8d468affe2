import GaussianProcess
import Testing

@Suite struct OutlierTests {
  private static let line: [Inputs.Dimension] = [.ordinal]
  private static let inputs = Inputs(rows: (0..<24).map { Double($0) / 23 }, dimensions: line)
  private static func values(seed: UInt64) -> [Double] {
    var generator = SplitMix(state: seed)
    let noise = NormalDistribution.draws(24, using: &generator)
    return (0..<24).map { i in
      let x = Double(i) / 23
      return 2 * x * (2 - x) - 1.3 + 0.05 * noise[i]
    }
  }

  @Test func `an outlier is found and hardly moves what is predicted`() throws {
    let clean = Self.values(seed: 5)
    var values = clean
    values[11] += 3
    values[17] -= 2
    let believed = HyperparameterPrior(dimensions: Self.line)
    let (prior, factors) = Prior.fittedDoubtingOutliers(
      to: Self.inputs, values, believing: believed)
    #expect(factors.indices.filter { factors[$0] > 1 } == [11, 17])
    let robust = try #require(
      prior.conditioned(on: Self.inputs, values, noiseFactors: factors)
    ).marginals(at: Self.inputs)
    for i in clean.indices { #expect(abs(robust.means[i] - clean[i]) < 0.35) }
  }

  @Test func `nothing is doubted where there is noise alone`() {
    for seed in 0..<10 as Range<UInt64> {
      let (_, factors) = Prior.fittedDoubtingOutliers(
        to: Self.inputs, Self.values(seed: 100 + seed),
        believing: HyperparameterPrior(dimensions: Self.line))
      #expect(factors.allSatisfy { $0 == 1 })
    }
  }
}
