import Glibc
import Tuning

// What all windows together say.
extension CapacitySearch {
  /// Where the edge lies, given all windows that are long enough, and the short ones that failed.
  var edge: EdgePosterior {
    let telling = attempts.filter {
      $0.isJudged || (!$0.step.holds && !$0.seen.wasGeneratorBottleneck)
    }
    let inflations = plan.limits.requestBounds.indices.map { inflation(of: $0) }
    let ofHalves = plan.limits.requestBounds.indices.map { inflation(ofHalf: $0) }
    let windows = telling.map {
      $0.seen.window(at: $0.rate, inflations: inflations, ofHalves: ofHalves, plan.limits)
    }
    let rates = attempts.map(\.rate.perSecond)
    let ceiling = telling.filter { isSaturated($0.step) }.map(\.rate.perSecond).min()
    let least = max((rates.min() ?? 1) * 0.15, plan.rateMin.perSecond * 0.5)
    let most = min((ceiling ?? .infinity) * 1.25, (rates.max() ?? 1) * 2)
    return EdgePosterior(windows, in: least...max(most, least * 1.5))
  }

  /// How many requests say as much as one independent one: the mean over windows, corrected for
  /// what blocks hide that are hardly longer than the requests' memory (`BatchMeans`): in blocks of
  /// a fifteenth of a window, about a share of 7.5·inflation/requests.
  private var inflation: Double? {
    let known = attempts.filter { $0.isJudged && $0.step.requests >= 100 }
    guard !known.isEmpty else { return nil }
    let total = known.reduce(0) { $0 + Double($1.step.requests) }
    let mean = known.reduce(0) { $0 + $1.seen.inflation * Double($1.step.requests) } / total
    let hidden = min(7.5 * mean * Double(known.count) / total, 0.6)
    return mean / (1 - hidden)
  }

  /// For how many requests a burst goes on.
  var memory: Double? {
    inflation.map { known in
      plan.limits.requestBounds.indices.map { inflation(of: $0) }.reduce(known, max)
    }
  }

  /// How many requests say as much of a bound as one independent one, from all windows. One that
  /// was a single burst doesn't count for more than its requests.
  private func inflation(of index: Int) -> Double {
    var clusters = ExceedanceClusters()
    for attempt in attempts where attempt.isJudged && !isSaturated(attempt.step) {
      let seen = attempt.seen.exceedances[index]
      let excess = seen.share / (Self.exceedancesCounted * seen.bound.share)
      clusters.add(seen.clusters, weight: 1 / max(excess, 1))
    }
    guard plan.limits.requestBounds[index].measure == .latency else { return clusters.inflation }
    return max(clusters.inflation, Self.clusteringAboveLevels * (inflation ?? 1))
  }

  /// The same of half a bound.
  private func inflation(ofHalf index: Int) -> Double {
    var clusters = ExceedanceClusters()
    for attempt in attempts where attempt.isJudged && !isSaturated(attempt.step) {
      guard let half = attempt.seen.exceedances[index].ofHalf else { continue }
      clusters.add(half.clusters, weight: 1)
    }
    return max(clusters.inflation, Self.clusteringOfHalves * (inflation ?? 1))
  }

  /// So many times the share that a bound allows.
  private static let exceedancesCounted = 4.0
  /// How much more exceedances cluster than those of the 90th and 95th percentile that a window's own
  /// figure looks at: of a bound 1.2 to 1.9 in queues of one and of four workers, of half a bound less.
  private static let clusteringAboveLevels = 1.6
  private static let clusteringOfHalves = 1.2
}
