import GaussianProcess
import Glibc
import Tuning

/// What the models say of every cell that counts: the open ones, then those that were measured.
struct Landscape: Sendable {
  let cells: [Int]
  /// So many cells are open; the others were measured.
  let openCount: Int
  /// Whether every open cell of the space is there.
  let isWhole: Bool
  let points: Points
  let evaluation: MetricModels.Evaluation
  /// log P(it can serve)
  let serving: [Double]
  /// log P(it can serve, and meets every constraint)
  let feasible: [Double]

  init(
    _ study: Study, _ observed: ObservedTrials, _ metrics: MetricModels,
    _ constraints: [ConstraintModel], _ feasibility: FeasibilityModel, open: [Int]
  ) {
    let measured = Set(
      study.trials.filter { $0.measurement?.isUsable == true }
        .compactMap { study.space.index(of: $0.configuration) })
    let cells = open + measured.sorted()
    let points = Self.points(of: cells, study.space, observed)
    var serving = feasibility.logProbabilities(at: points)
    if let chances = observed.transfer?.logChances(at: points.inputs) {
      for (i, value) in chances.enumerated() { serving[i] += value }
    }
    // What was measured has served.
    for i in open.count..<cells.count { serving[i] = 0 }
    self.init(
      cells: cells, openCount: open.count, isWhole: Self.canBeWhole(study.space), points: points,
      serving: serving, metrics, constraints)
  }

  private init(
    cells: [Int], openCount: Int, isWhole: Bool, points: Points, serving: [Double],
    _ metrics: MetricModels, _ constraints: [ConstraintModel]
  ) {
    self.isWhole = isWhole
    self.cells = cells
    self.openCount = openCount
    self.points = points
    self.serving = serving
    evaluation = metrics.evaluated(at: points)
    var feasible = serving
    for constraint in constraints {
      for (i, value) in constraint.logProbabilities(evaluation).enumerated() {
        feasible[i] += value
      }
    }
    self.feasible = feasible
  }

  func evaluated(anew metrics: MetricModels, _ constraints: [ConstraintModel]) -> Landscape {
    Landscape(
      cells: cells, openCount: openCount, isWhole: isWhole, points: points, serving: serving,
      metrics, constraints)
  }

  var measured: Range<Int> { openCount..<cells.count }

  /// Every open cell; nothing where the space is too large to look at each, and is searched locally.
  static func openCells(_ study: Study, pruned: Set<Int>) -> [Int] {
    guard canBeWhole(study.space) else { return [] }
    var isOpen = [Bool](repeating: true, count: study.space.count)
    for cell in study.visitedCells.union(pruned) { isOpen[cell] = false }
    return isOpen.indices.filter { isOpen[$0] }
  }

  private static func canBeWhole(_ space: SearchSpace) -> Bool { space.count <= cellsMax }

  private static let cellsMax = 100_000

  private static func points(
    of cells: [Int], _ space: SearchSpace, _ observed: ObservedTrials
  ) -> Points {
    let levels = space.parameters.map { parameter in
      parameter.domain.levels.map { parameter.domain.coordinate(of: $0) ?? 0 }
    }
    var rows: [Double] = []
    rows.reserveCapacity(cells.count * levels.count)
    for cell in cells {
      for (column, number) in space.levelNumbers(at: cell).enumerated() {
        rows.append(levels[column][number])
      }
    }
    return Points(
      cells.map(space.configuration(at:)), rows: rows, observed.scales,
      dimensions: observed.dimensions)
  }
}
