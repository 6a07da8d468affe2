import Kubernetes
import Tuning

/// Reads when the search ends: `maxNumTrials`, `samplingLimit` and `regretTolerance`.
struct LimitsReader {
  let count: Int
  let override: Budget?
  let log: ProblemLog

  private static let samplingLimit = Share(20, of: 100)
  private static let regretTolerance = Share(3, of: 100)
  /// The same as a manifest has them.
  static let samplingLimitText = "20%"
  static let regretToleranceText = "3%"

  func read(_ spec: Field?) -> SearchLimits {
    SearchLimits(
      trialsMax: override.map(trials) ?? trials(spec),
      regretTolerance: spec.flatMap { $0["regretTolerance"].share } ?? Self.regretTolerance,
      confidence: ExperimentDefinition.confidence)
  }

  /// Reports what is wrong with limits by themselves, where there is no space to hold them
  /// against.
  static func check(_ spec: Field) {
    _ = spec["maxNumTrials"].integer(in: 1...Int.max)
    _ = spec["samplingLimit"].share
    _ = spec["regretTolerance"].share
  }

  private func trials(_ budget: Budget) -> Int {
    switch budget {
    case .share(let share): return Budget.trials(share, of: count)
    case .trials(let trials):
      if trials > max(count, Budget.trialsMin) {
        log.append(
          Problem(
            .error, at: "--budget", found: "a budget of \(trials) trials",
            needed: "the space has \(count) configurations; give at most that"))
      }
      return max(trials, Budget.trialsMin)
    }
  }

  private func trials(_ spec: Field?) -> Int {
    guard let spec else { return Budget.trials(Self.samplingLimit, of: count) }
    let limit = spec["samplingLimit"]
    var share = limit.share ?? Self.samplingLimit
    if limit.exists, share.fraction == 0 {
      limit.error("a budget of zero", needed: "give a share above 0, like 0.2 or 20%")
      share = Self.samplingLimit
    }
    if share.fraction * Double(count) < Double(Budget.trialsMin) {
      (limit.exists ? limit : spec["tunableParameters"]).warn(
        "\(ShareText.text(share)) of \(count) configurations is less than two trials",
        needed: "the baseline and one more are tried nevertheless")
    }
    let fromShare = Budget.trials(share, of: count)
    let maxNumTrials = spec["maxNumTrials"]
    guard let most = maxNumTrials.integer(in: 1...Int.max) else { return fromShare }
    if most > count {
      maxNumTrials.warn(
        "\(most) trials in a space of \(count) configurations",
        needed: "at most \(fromShare) are made, by samplingLimit")
    }
    return max(min(most, fromShare), Budget.trialsMin)
  }
}
