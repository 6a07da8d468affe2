import Glibc
import Tuning

/// How well earlier services rank what was seen here: the probability that one ranks configurations as
/// this one does.
///
/// Each comparison of two observations of a metric is agreed with at 0.9 by a service that does, and at
/// ½ by nothing. That has a weight of its own, as has what is usual of all services: a misleading one
/// loses to them, and fades. Observations
/// that differ by less than their noise aren't compared. Of n observations of a metric, n − 1
/// comparisons are independent; all are averaged to that many. A service is trusted as a whole, by all
/// metrics that count: one that misleads about the latency isn't believed about the throughput.
///
/// Before anything was seen, a service that ranks its own configurations against what is usual is doubted,
/// as if a few comparisons had gone against it; one that ranks them so isn't preferred for it.
///
/// Weighting by ranks: M. Feurer, B. Letham, F. Hutter, E. Bakshy, "Practical transfer learning for
/// Bayesian optimization", 2018, section 4; there the weights come from resampling, here from a
/// likelihood, so that nothing at all can have one.
struct RankAgreement: Sendable {
  /// One for each service; what is missing from a sum of 1 is the weight of what is usual, and of
  /// nothing.
  let weights: [Double]
  /// Whether anything is usual in the space, so that who misleads is doubted before anything was seen.
  let isAnythingUsual: Bool

  private static let agreement = 0.9
  /// Before anything was seen, of nothing and of what is usual together: half each.
  private static let nothingsShare = 0.1
  /// What is usual counts as so many comparisons of each metric.
  private static let usualComparisons = 5.0

  /// What is known of one metric.
  struct Series {
    let metric: Metric
    /// What was seen: in which cells, logarithms, and what is usual there, up to a constant.
    var cells: [Int] = []
    var values: [Double] = []
    var usual: [Double] = []
  }

  /// - Parameters:
  ///   - seen: of each metric that counts.
  ///   - sample: of the same metrics, cells from all over the space, with what is usual alone.
  ///   - noise: of one logarithm.
  init(_ earlier: [EarlierService], _ seen: [Series], sample: [Series], noise: Double) {
    let each = log((1 - Self.nothingsShare) / Double(max(earlier.count, 1)))
    isAnythingUsual = sample.contains { Set($0.usual).count > 1 }
    let logWeights = earlier.map { service in
      seen.reduce(each - Self.doubt(service, sample)) { sum, series in
        guard let table = service.logMetrics[series.metric] else { return sum }
        return sum + Self.logEvidence(series.cells.map { table[$0] }, series, noise)
      }
    }
    let usual = seen.reduce(0) { $0 + Self.logEvidence($1.usual, $1, noise) }
    let nothing = log(Self.nothingsShare) + log(0.5 + 0.5 * exp(usual))
    let top = max(nothing, logWeights.max() ?? nothing)
    let total = exp(nothing - top) + logWeights.reduce(0) { $0 + exp($1 - top) }
    weights = logWeights.map { exp($0 - top) / total }
  }

  /// How much less a service is believed, in logarithms, for what it says against what is usual.
  private static func doubt(_ service: EarlierService, _ sample: [Series]) -> Double {
    let evidence = sample.reduce(0) { sum, series in
      guard let table = service.logMetrics[series.metric],
        let share = agreeingShare(series.cells.map { table[$0] }, series.usual, differingBy: 0)
      else { return sum }
      return sum + usualComparisons * logEvidence(ofShare: share)
    }
    return max(-evidence, 0)
  }

  /// The logarithm of how much likelier the expected values make the ranks that were seen than nothing
  /// does.
  private static func logEvidence(
    _ expected: [Double], _ series: Series, _ noise: Double
  ) -> Double {
    let share = agreeingShare(expected, series.values, differingBy: 2 * noise)
    return share.map { Double(expected.count - 1) * logEvidence(ofShare: $0) } ?? 0
  }

  /// Of one comparison, where `share` of them are agreed with.
  private static func logEvidence(ofShare share: Double) -> Double {
    share * log(2 * agreement) + (1 - share) * log(2 * (1 - agreement))
  }

  /// Of the pairs of values that differ enough, the share that the expected ones rank alike; nil where
  /// there are none.
  private static func agreeingShare(
    _ expected: [Double], _ values: [Double], differingBy least: Double
  ) -> Double? {
    var agreeing = 0.0
    var compared = 0.0
    for i in values.indices {
      for j in 0..<i where abs(values[i] - values[j]) > least {
        compared += 1
        let product = (values[i] - values[j]) * (expected[i] - expected[j])
        agreeing += product > 0 ? 1 : product == 0 ? 0.5 : 0
      }
    }
    return compared > 0 ? agreeing / compared : nil
  }
}
