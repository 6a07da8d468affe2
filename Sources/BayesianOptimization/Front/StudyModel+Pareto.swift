import GaussianProcess
import Glibc
package import Tuning

/// The search when several objectives count.
extension StudyModel {
  /// Trials that could be on the front: measured, and every constraint held and almost surely does;
  /// where there is none such, the others.
  private var candidatesForFront: [Trial] {
    let feasible = measuredTrials.filter { trial in
      study.objectives.allSatisfy { study.aiming(at: $0).feasibleObjective(of: trial) != nil }
    }
    let probabilities = constraintProbabilities(
      metrics.evaluated(at: points(of: feasible.map(\.configuration))))
    let sure = feasible.indices.filter { probabilities[$0] >= Self.frontSure }
    return sure.isEmpty ? feasible : sure.map { feasible[$0] }
  }

  /// Most members of a front are surer than the least sure, so that this keeps nearly all feasible.
  static let frontSure = 0.85

  /// What each point adds to the front: log EHVI + c · log P(feasible), as for one objective. While
  /// nothing feasible is known, feasibility alone decides.
  var paretoAcquisition: [Double] {
    let feasible = landscape.feasible
    guard let pareto else { return feasible }
    let laws = pareto.marginals(landscape.evaluation, landscape.points.configurations)
    guard let improvement = improvement(over: pareto) else {
      return feasible.indices.map { i in
        feasible[i] + 1e-3 * laws.reduce(0) { $0 + $1.means[i] }
      }
    }
    return feasible.indices.map { i in
      Self.frontCaution * feasible[i]
        + improvement.logExpectation(
          means: laws.map { $0.means[i] }, variances: laws.map { $0.variances[i] })
    }
  }

  /// c: less than for one objective, since what ends a front often lies at a limit.
  private static let frontCaution = 1.5

  private func laws(of configurations: [Configuration], _ pareto: ParetoModel)
    -> [Posterior.Marginals]
  {
    pareto.marginals(metrics.evaluated(at: points(of: configurations)), configurations)
  }

  /// The front as the model sees it, over a reference point that lies a tenth of the measured range
  /// below the worst of every objective, so that the ends of the front count too. Nil while nothing
  /// feasible is known.
  func improvement(over pareto: ParetoModel) -> ParetoImprovement? {
    let configurations = candidatesForFront.map(\.configuration)
    guard !configurations.isEmpty else { return nil }
    let laws = laws(of: configurations, pareto)
    let reference = laws.map { law in
      let finite = law.means.filter(\.isFinite)
      let (least, most) = (finite.min() ?? 0, finite.max() ?? 0)
      return least - max(0.1 * (most - least), 0.01)
    }
    return ParetoImprovement(
      front: configurations.indices.map { i in laws.map { $0.means[i] } }, reference: reference)
  }

  /// The front of what was measured, by the model's means. Nil with one objective, and while
  /// nothing is feasible.
  package func paretoFront() -> ParetoFront? {
    guard let pareto else { return nil }
    let trials = candidatesForFront
    let configurations = trials.map(\.configuration)
    let laws = laws(of: configurations, pareto)
    let places = configurations.indices.map { i in laws.map { $0.means[i] } }
    let members = ParetoImprovement.undominatedIndices(places)
      .filter { places[$0].allSatisfy(\.isFinite) }
      .sorted { places[$0][0] > places[$1][0] }
    guard !members.isEmpty else { return nil }
    return ParetoFront(
      objectives: study.objectives,
      members: members.map { member in
        let expected = laws.indices.map { k -> (Double, Interval) in
          let half = 1.6449 * laws[k].variances[member].squareRoot()
          let mean = laws[k].means[member]
          let ends = [mean - half, mean + half]
            .map { pareto.value(ofUtility: $0, objective: k) }.sorted()
          return (
            pareto.value(ofUtility: mean, objective: k), Interval(lower: ends[0], upper: ends[1])
          )
        }
        return ParetoFront.Member(
          configuration: configurations[member], trialOrdinal: trials[member].ordinal,
          expected: expected.map(\.0), intervals: expected.map(\.1))
      },
      regretBound: frontRegretBound(pareto, members.map { configurations[$0] }, besides: []))
  }

  /// What the study recommends when several objectives count: the front, and the member to run when
  /// nobody chooses.
  func frontConclusion() -> Conclusion {
    guard let front = paretoFront(), let member = middle(of: front) else {
      return .nothingFeasible(nearestMiss)
    }
    let expected = expectations(at: member.configuration)
    return .recommended(
      Recommendation(
        configuration: member.configuration, trialOrdinal: member.trialOrdinal,
        expected: expected.mapValues(\.value), intervals: expected.mapValues(\.interval),
        regretBound: front.regretBound,
        reason:
          "The middle of \(front.members.count) configurations of which none beats another in "
          + "every objective.",
        front: front))
  }

  /// The member that alone dominates most of what is above the reference: neither the cheapest nor
  /// the fastest, but the one from which every step costs much in one objective for little in
  /// another.
  private func middle(of front: ParetoFront) -> ParetoFront.Member? {
    guard let pareto, let reference = improvement(over: pareto)?.reference else { return nil }
    let configurations = front.members.map(\.configuration)
    let laws = laws(of: configurations, pareto)
    let alone = front.members.indices.map { i in
      laws.indices.reduce(0) { $0 + log(max(laws[$1].means[i] - reference[$1], 1e-300)) }
    }
    return front.members.indices.max { alone[$0] < alone[$1] }.map { front.members[$0] }
  }
}
