import GaussianProcess
import Glibc
import Tuning

/// What a trial is expected to cost, as far as configurations differ in that: its time, by the times
/// that earlier trials took, and the price of that time where configurations have prices. What is worth
/// trying is weighed against it (J. Snoek, H. Larochelle, R. P. Adams, "Practical Bayesian optimization
/// of machine learning algorithms", NIPS 2012, section 3.2).
struct TrialExpense: Sendable {
  private let surrogate: MetricSurrogate
  /// Of a trial that couldn't serve: log seconds.
  private let failed: Double?
  private let cost: Cost?

  /// Nil where no times are known, or they are as good as equal.
  init?(_ study: Study, _ observed: ObservedTrials) {
    let times = observed.durations
    guard times.values.count >= Self.timesMin, let least = times.values.min(),
      let most = times.values.max(), most > Self.ratioMin * least,
      let surrogate = MetricSurrogate(
        times, .logarithmic, shape: .sum,
        exponentDeviations: observed.scales.exponentDeviations(of: .other, everywhere: false),
        expectedNoise: Self.usualNoise)
    else { return nil }
    self.surrogate = surrogate
    cost = study.cost
    let failures = study.trials.filter { !$0.isPending && $0.measurement == nil }
      .compactMap { $0.duration.map(Self.logSeconds) }
    failed = failures.isEmpty ? nil : failures.reduce(0, +) / Double(failures.count)
  }

  private static let timesMin = 3
  /// Times differ by chance too: what differs by less isn't worth a thought.
  private static let ratioMin = 2.0
  private static let usualNoise = 0.15

  /// Nobody waits for less than a second.
  static func logSeconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return log(max(Double(seconds) + 1e-18 * Double(attoseconds), 1))
  }

  /// The logarithm of the expected expense at each point.
  /// - Parameter serving: log P(it can serve) at each point.
  func logarithms(at points: Points, serving: [Double]) -> [Double] {
    let served = surrogate.marginals(at: points).means
    return points.configurations.indices.map { i in
      var result = served[i]
      if let failed {
        let chance = exp(min(serving[i], 0))
        result = log(chance * exp(served[i]) + (1 - chance) * exp(failed))
      }
      if let price = cost?.perHour(of: points.configurations[i]), price > 0 { result += log(price) }
      return result
    }
  }
}
