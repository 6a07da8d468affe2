import GaussianProcess
package import Tuning

extension StudyModel {
  /// The configurations to try next, side by side: never one that is pending, and one that was
  /// measured only where the study allows that and it may settle whether a constraint is met. Fewer
  /// than `count` only when the open cells run out.
  package func proposals(_ count: Int) -> [Configuration] {
    var chosen: [Int] = []
    var model = believing(in: observed.pending)
    var believed = observed.pending
    while chosen.count < count, let next = model.next(after: chosen) {
      chosen.append(next)
      guard chosen.count < count else { break }
      believed = believed.appending(landscape.points.selecting([next]))
      model = believing(in: believed)
    }
    return chosen.map { landscape.points.configurations[$0] }
  }

  /// The place in the landscape of what is tried after `chosen`; nil when nothing is open.
  private func next(after chosen: [Int]) -> Int? {
    let taken = Set(chosen)
    let open = (0..<landscape.openCount).filter { !taken.contains($0) }
    guard !open.isEmpty else { return nil }
    if isDesigned, study.trials.count + chosen.count < Self.initialTrials {
      return firstByEarlierServices(among: open, after: chosen)
        ?? designedPoint(among: open, after: chosen)
    }
    let expenses = expense?.logarithms(at: landscape.points, serving: landscape.serving)
    func perExpense(_ worth: [Double]) -> [Double] {
      expenses.map { zip(worth, $0).map { $0 - $1 } } ?? worth
    }
    guard study.furtherObjectives.isEmpty else {
      let worth = perExpense(paretoAcquisition)
      return open.max { worth[$0] < worth[$1] }
    }
    let worth = perExpense(acquisition)
    guard
      let best = oneStepBest(among: open, worth, expenses)
        ?? open.max(by: { worth[$0] < worth[$1] })
    else { return nil }
    if let (place, repeated) = bestRepeat(besides: taken),
      repeated - (expenses?[place] ?? 0) > worth[best]
    {
      return place
    }
    return best
  }

  /// How many trials are spread over the space before the model takes over, the baseline included.
  /// More would be wasted: from then on the model knows better what it doesn't know.
  static let initialTrials = 2

  /// Whether trials have to be spread over the space: not when earlier services, by what was seen,
  /// know it already. The first comes without a model all the same: it tells at which level this service
  /// is, which they can't.
  private var isDesigned: Bool {
    study.trials.isEmpty || observed.transfer?.isTrusted != true
  }

  /// Whether the next trial is one of those that are spread.
  var isSpreading: Bool { isDesigned && study.trials.count < Self.initialTrials }

  private func firstByEarlierServices(among open: [Int], after planned: [Int]) -> Int? {
    guard study.trials.isEmpty, planned.isEmpty, let transfer = observed.transfer,
      let cell = transfer.firstCell(study, among: open.map { landscape.cells[$0] })
    else { return nil }
    return open.first { landscape.cells[$0] == cell }
  }

  /// The point of the initial design that comes after the trials so far and `planned` ones.
  private func designedPoint(among open: [Int], after planned: [Int]) -> Int {
    let tried =
      observed.rows.flatMap(\.coordinates) + landscape.points.selecting(planned).rows
    var generator = SeededGenerator(
      seed: study.seed, stream: 1 &+ UInt64(tried.count) << 8)
    let next = InitialDesign.next(
      landscape.points.selecting(open).rows, logFeasibility: open.map { landscape.feasible[$0] },
      tried: tried, observed.scales, using: &generator)
    return open[next]
  }

  /// Constrained expected improvement in logarithms: log EI + c · log P(feasible) (M. Gelbart,
  /// J. Snoek, R. Adams, "Bayesian optimization with unknown constraints", UAI 2014, equation 8,
  /// with c = 1). While nothing feasible is known, the improvement has nothing to be measured
  /// against: then feasibility alone decides, with the expected utility between equals.
  var acquisition: [Double] {
    let feasible = landscape.feasible
    guard let utility else { return feasible }
    let marginals = utility.marginals(landscape.evaluation, landscape.points.configurations)
    guard let best = bestUtility else {
      return feasible.indices.map { feasible[$0] + 1e-3 * marginals.means[$0] }
    }
    return feasible.indices.map { i in
      caution * feasible[i]
        + AcquisitionFunction.logExpectedImprovement(
          mean: marginals.means[i], variance: marginals.variances[i], over: best)
    }
  }

  /// c: a trial that fails tells less than one that runs, of which every metric is seen. Less so where
  /// trials are cut early, of which only those that break a constraint tell of it. Where earlier services
  /// tell what to expect there is less to learn, and c is 1.
  var caution: Double {
    let inTheDark = observed.hasCutTrials ? 0.5 : 1.5
    return 1 + inTheDark * (1 - (observed.transfer?.trust ?? 0))
  }

  /// The model's utility of the best trial that is surely feasible, or likely so where none is
  /// surely: what the model believes of it, not its luckiest measurement. To measure improvements
  /// against a trial that breaks a bound by a hair would make everything feasible look worthless.
  var bestUtility: Double? {
    guard let utility else { return nil }
    let trials = measuredTrials
    let points = points(of: trials.map(\.configuration))
    let evaluation = metrics.evaluated(at: points)
    let means = utility.marginals(evaluation, points.configurations).means
    let probabilities = constraintProbabilities(evaluation)
    for threshold in [0.9, 0.5] {
      let best = trials.indices
        .filter { probabilities[$0] >= threshold && means[$0] > -.infinity }
        .map { means[$0] }
        .max()
      if let best { return best }
    }
    return nil
  }
}
