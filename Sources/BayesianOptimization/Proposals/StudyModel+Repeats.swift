import GaussianProcess
import Glibc
import Tuning

/// Measuring again what was measured before. Where the best configurations lie near a limit, one
/// measurement doesn't tell whether they meet it, and a few more may.
extension StudyModel {
  /// What is measured again best, by its place in the landscape, and the logarithm of what a trial of
  /// it is worth, in the unit of expected improvement. Nil where nothing may gain by it.
  func bestRepeat(besides taken: Set<Int>) -> (place: Int, logWorth: Double)? {
    let candidates = repeats.filter { !taken.contains($0.place) }
    return candidates.max { $0.worth < $1.worth }.map { ($0.place, log($0.worth)) }
  }

  /// Places that might be better than what is recommended, but where trials aren't expected to make
  /// sure that every limit is met: of measured cells a few more, of open ones the only one, where no
  /// cell is measured again.
  var undecidable: Set<Int> {
    let decidable = Set(repeats.filter { $0.worth > Self.worthMin }.map(\.place))
    return Set(
      landscape.measured.filter {
        landscape.feasible[$0] < log(Self.nearlySure) && !decidable.contains($0)
      }
    ).union(undecidableOpen)
  }

  private var undecidableOpen: [Int] {
    guard !study.repeatsTrials, !constraints.isEmpty, let utility, let choice = choice() else {
      return []
    }
    let laws = utility.marginals(landscape.evaluation, landscape.points.configurations)
    return (0..<landscape.openCount).filter { place in
      let improvement = exp(
        landscape.serving[place]
          + AcquisitionFunction.logExpectedImprovement(
            mean: laws.means[place], variance: laws.variances[place], over: choice.mean))
      return worthOfSettling(place, gain: min(improvement, Self.gainMax), timesMax: 1)
        < Self.worthMin
    }
  }

  /// A trial that isn't expected to gain as much isn't worth it.
  private static let worthMin = 0.002
  private static let gainMin = 0.005
  /// More than that isn't believed of a model.
  private static let gainMax = 0.5
  /// A configuration is measured so often at most.
  private static let timesMax = 12

  private var repeats: [(place: Int, worth: Double)] {
    guard study.repeatsTrials, let utility, !constraints.isEmpty, let choice = choice() else {
      return []
    }
    var times: [Int: Int] = [:]
    var pending: Set<Int> = []
    for trial in study.trials {
      guard let cell = study.space.index(of: trial.configuration) else { continue }
      times[cell, default: 0] += 1
      if trial.isPending { pending.insert(cell) }
    }
    let laws = utility.marginals(landscape.evaluation, landscape.points.configurations)
    return landscape.measured.compactMap { place in
      let cell = landscape.cells[place]
      let gain = choice.isSure ? laws.means[place] - choice.mean : Self.gainWhileUnsure
      let left = Self.timesMax - (times[cell] ?? 0)
      guard gain > Self.gainMin, left > 0, !pending.contains(cell),
        landscape.feasible[place] < log(Self.nearlySure)
      else { return nil }
      return (place, worthOfSettling(place, gain: min(gain, Self.gainMax), timesMax: left))
    }
  }

  /// What it is worth to be sure of anything, while nothing is.
  private static let gainWhileUnsure = 0.1

  /// The gain times the probability that `times` more measurements make sure that the constraint is
  /// met, for each of them; the best over `times`. Only the constraint most in doubt is looked at.
  ///
  /// Of a mean with variance v, r measurements with variance ν² leave 1/(1/v + r/ν²), and by what they
  /// take off the expected mean will move.
  private func worthOfSettling(_ place: Int, gain: Double, timesMax: Int) -> Double {
    let doubts = constraints.map { constraint -> (constraint: ConstraintModel, z: Double) in
      let law = landscape.evaluation(constraint.form)
      return (
        constraint, (constraint.bound - law.means[place]) / law.variances[place].squareRoot()
      )
    }
    guard let doubt = doubts.min(by: { $0.z < $1.z }) else { return 0 }
    let noise = metrics.noiseVariance(doubt.constraint.form)
    let before = landscape.evaluation(doubt.constraint.form).variances[place]
    let distance = doubt.z * before.squareRoot()
    guard noise > 0, before > 0 else { return 0 }
    var best = 0.0
    for times in 1...timesMax {
      let after = 1 / (1 / before + Double(times) / noise)
      let moves = max(before - after, 1e-300).squareRoot()
      let reached = NormalDistribution.probability(
        below: (distance - Self.nearlySureDeviations * after.squareRoot()) / moves)
      best = max(best, gain * reached / Double(times))
    }
    return best
  }
}
