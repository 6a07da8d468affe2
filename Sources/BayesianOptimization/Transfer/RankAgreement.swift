import Glibc
import Tuning

/// How well earlier services rank what was seen here: the probability that one ranks configurations as
/// this one does.
///
/// Each comparison of two observations of a metric is agreed with at 0.9 by a service that does, and at
/// ½ by nothing, which has a weight of its own: a misleading one loses to it, and fades. Observations that
/// differ by less than their noise aren't compared. Of n observations of a metric, n − 1 comparisons are
/// independent; all are averaged to that many. A service is trusted as a whole, by all metrics that count:
/// one that misleads about the latency isn't believed about the throughput.
///
/// Before anything was seen, a service that ranks its own configurations against what is usual is doubted,
/// as if two comparisons of each metric had gone so; one that ranks them so isn't preferred for it.
///
/// Weighting by ranks: M. Feurer, B. Letham, F. Hutter, E. Bakshy, "Practical transfer learning for
/// Bayesian optimization", 2018, section 4; there the weights come from resampling, here from a
/// likelihood, so that nothing at all can have one.
struct RankAgreement: Sendable {
  /// One for each service; what is missing from a sum of 1 is the weight of nothing.
  let weights: [Double]
  /// Whether anything is usual in the space, so that who misleads is doubted before anything was seen.
  let isAnythingUsual: Bool

  private static let agreement = 0.9
  /// Before anything was seen.
  private static let nothingsShare = 0.1
  /// What is usual counts as so many comparisons of each metric.
  private static let usualComparisons = 2.0

  /// Logarithms of one metric in some cells, up to a constant.
  struct Series {
    let metric: Metric
    var cells: [Int] = []
    var values: [Double] = []
  }

  /// - Parameters:
  ///   - seen: what was, of each metric that counts.
  ///   - usual: what is, in cells from all over the space.
  ///   - noise: of one logarithm.
  init(_ earlier: [EarlierService], _ seen: [Series], usual: [Series], noise: Double) {
    let each = log((1 - Self.nothingsShare) / Double(max(earlier.count, 1)))
    isAnythingUsual = usual.contains { Set($0.values).count > 1 }
    let logWeights = earlier.map { service in
      seen.reduce(each - Self.doubt(service, usual)) { sum, series in
        let share = Self.agreeingShare(service, series, differingBy: 2 * noise)
        let comparisons = Double(series.cells.count - 1)
        return sum + (share.map { comparisons * Self.logEvidence(ofShare: $0) } ?? 0)
      }
    }
    let nothing = log(Self.nothingsShare)
    let top = max(nothing, logWeights.max() ?? nothing)
    let total = exp(nothing - top) + logWeights.reduce(0) { $0 + exp($1 - top) }
    weights = logWeights.map { exp($0 - top) / total }
  }

  /// How much less a service is believed, in logarithms, for what it says against what is usual.
  private static func doubt(_ service: EarlierService, _ usual: [Series]) -> Double {
    let evidence = usual.reduce(0) { sum, series in
      let share = agreeingShare(service, series, differingBy: 0)
      return sum + (share.map { usualComparisons * logEvidence(ofShare: $0) } ?? 0)
    }
    return max(-evidence, 0)
  }

  /// The logarithm of how much likelier a service makes the ranks of one comparison than nothing does, where
  /// it agrees with `share` of them.
  private static func logEvidence(ofShare share: Double) -> Double {
    share * log(2 * agreement) + (1 - share) * log(2 * (1 - agreement))
  }

  /// Of the pairs of values that differ enough, the share that a service ranks alike; nil where there are
  /// none, or it doesn't have the metric.
  private static func agreeingShare(
    _ service: EarlierService, _ series: Series, differingBy least: Double
  ) -> Double? {
    guard let table = service.logMetrics[series.metric] else { return nil }
    let expected = series.cells.map { table[$0] }
    let values = series.values
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
