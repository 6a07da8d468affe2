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
/// Weighting by ranks: M. Feurer, B. Letham, F. Hutter, E. Bakshy, "Practical transfer learning for
/// Bayesian optimization", 2018, section 4; there the weights come from resampling, here from a
/// likelihood, so that nothing at all can have one.
struct RankAgreement: Sendable {
  /// One for each service; what is missing from a sum of 1 is the weight of what is usual, and of
  /// nothing.
  let weights: [Double]

  private static let agreement = 0.9
  /// Before anything was seen, of nothing and of what is usual together: half each.
  private static let nothingsShare = 0.1

  /// What was seen of one metric.
  struct Series {
    let metric: Metric
    /// Among all observations.
    var places: [Int] = []
    var cells: [Int] = []
    /// Logarithms.
    var values: [Double] = []
    /// What is usual, up to a constant.
    var usual: [Double] = []
  }

  /// - Parameter noise: of one logarithm.
  init(_ earlier: [EarlierService], _ seen: [Series], noise: Double) {
    let each = log((1 - Self.nothingsShare) / Double(max(earlier.count, 1)))
    let logWeights = earlier.map { service in
      seen.reduce(each) { sum, series in
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

  /// The logarithm of how much likelier the expected values make the ranks that were seen than nothing
  /// does.
  private static func logEvidence(
    _ expected: [Double], _ series: Series, _ noise: Double
  ) -> Double {
    let values = series.values
    var agreeing = 0.0
    var compared = 0.0
    for i in values.indices {
      for j in 0..<i where abs(values[i] - values[j]) > 2 * noise {
        compared += 1
        let product = (values[i] - values[j]) * (expected[i] - expected[j])
        agreeing += product > 0 ? 1 : product == 0 ? 0.5 : 0
      }
    }
    guard compared > 0 else { return 0 }
    let share = agreeing / compared
    return Double(values.count - 1)
      * (share * log(2 * agreement) + (1 - share) * log(2 * (1 - agreement)))
  }
}
