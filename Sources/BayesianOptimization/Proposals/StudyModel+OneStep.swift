import GaussianProcess
import Glibc
import Tuning

/// The one-step-optimal choice of the last trial, among what the cheaper rule finds promising.
///
/// Only what was measured is recommended, so the last trial is worth what it adds to the recommendation:
/// by itself, where it turns out to be nearly sure of every constraint, and by what it tells of others.
/// Before that, what a trial tells for further trials counts more, and expected improvement finds the
/// best sooner (Benchmarks/README.md has the figures).
extension StudyModel {
  /// The place whose measurement is expected to better the recommendation most; nil where it isn't the
  /// last one, or the rule has nothing to go by.
  /// - Parameters:
  ///   - worth: of every place, by the cheaper rule.
  ///   - expenses: the logarithm of what a trial costs at each place; nil where all cost the same.
  func oneStepBest(among open: [Int], _ worth: [Double], _ expenses: [Double]?) -> Int? {
    guard study.trials.count == study.limits.trialsMax - 1,
      study.trials.count >= Self.oneStepTrialsMin, let utility, bestUtility != nil
    else { return nil }
    let candidates = Array(
      open.sorted { worth[$0] > worth[$1] }.prefix(Self.oneStepCandidatesMax))
    let gains = oneStepGains(of: candidates, utility)
    let scores = candidates.indices.map { i in
      log(max(gains[i], 1e-300)) + caution * landscape.serving[candidates[i]]
        - (expenses?[candidates[i]] ?? 0)
    }
    guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), gains[best] > 0
    else { return nil }
    return candidates[best]
  }

  /// Before that many trials the models aren't good enough to say what a single one changes.
  private static let oneStepTrialsMin = 12
  private static let oneStepCandidatesMax = 64
  private static let oneStepOutcomes = 32

  /// By how much a measurement at each of the places is expected to better the recommendation.
  private func oneStepGains(of candidates: [Int], _ utility: UtilityModel) -> [Double] {
    let places = candidates + Array(landscape.measured)
    let points = landscape.points.selecting(places)
    let laws = metrics.laws(at: points)
    let gradient = KnowledgeGradient(
      laws, weights: utility.form.weights, known: utility.knownParts(points.configurations),
      bounds: constraints.map { ($0.form.weights, $0.bound) },
      serving: places.map { landscape.serving[$0] },
      isRecommendable: places.indices.map { $0 >= candidates.count })
    var generator = SeededGenerator(seed: study.seed, stream: 6 &+ UInt64(study.trials.count) << 8)
    return gradient.gains(
      of: Array(candidates.indices),
      draws: NormalDistribution.draws(laws.count * Self.oneStepOutcomes, using: &generator))
  }
}
