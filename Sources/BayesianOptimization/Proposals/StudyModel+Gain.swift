import GaussianProcess
package import Tuning

extension StudyModel {
  /// The objective at one configuration as a multiple of that at another, with the 90 % interval
  /// of the ratio over joint draws, so that what both have in common cancels out. Nil when the
  /// model can't place either, or the reference may be zero.
  package func gain(
    of configuration: Configuration, over reference: Configuration
  ) -> (expected: Double, interval: Interval)? {
    guard let utility, study.space.coordinates(of: configuration) != nil,
      study.space.coordinates(of: reference) != nil
    else { return nil }
    guard configuration != reference else { return (1, Interval(lower: 1, upper: 1)) }
    let pair = [configuration, reference]
    let points = points(of: pair)
    let means = utility.marginals(metrics.evaluated(at: points), pair).means
      .map(utility.objective(ofUtility:))
    let known = utility.knownParts(pair)
    var generator = SeededGenerator(seed: study.seed, stream: 4)
    let count = 1_000
    guard let draws = metrics.draws(at: points, count: count, using: &generator) else {
      return nil
    }
    let ratios = (0..<count)
      .map { draw in
        let values = draws(utility.form, draw: draw)
        return utility.objective(ofUtility: known[0] + values[0])
          / utility.objective(ofUtility: known[1] + values[1])
      }
      .sorted()
    let expected = means[0] / means[1]
    guard expected.isFinite, ratios.allSatisfy(\.isFinite) else { return nil }
    return (
      expected, Interval(lower: ratios[count / 20], upper: ratios[count - 1 - count / 20])
    )
  }
}
