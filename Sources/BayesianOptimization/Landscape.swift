import GaussianProcess
import Glibc
import Tuning

/// What the models say of every cell that counts: the open ones, then those that were measured.
struct Landscape: Sendable {
  let cells: [Int]
  /// So many cells are open; the others were measured.
  let openCount: Int
  let points: Points
  let evaluation: MetricModels.Evaluation
  /// log P(it can serve)
  let serving: [Double]
  /// log P(it can serve, and meets every constraint)
  let feasible: [Double]

  init(
    _ study: Study, _ observed: ObservedTrials, _ metrics: MetricModels,
    _ constraints: [ConstraintModel], _ feasibility: FeasibilityModel, pruned: Set<Int>
  ) {
    let open = Self.searched(study, Self.openCells(study, pruned: pruned))
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
      cells: cells, openCount: open.count, points: points, serving: serving, metrics, constraints)
  }

  private init(
    cells: [Int], openCount: Int, points: Points, serving: [Double], _ metrics: MetricModels,
    _ constraints: [ConstraintModel]
  ) {
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
      cells: cells, openCount: openCount, points: points, serving: serving, metrics, constraints)
  }

  var measured: Range<Int> { openCount..<cells.count }

  static func openCells(_ study: Study, pruned: Set<Int>) -> [Int] {
    var isOpen = [Bool](repeating: true, count: study.space.count)
    for cell in study.visitedCells.union(pruned) { isOpen[cell] = false }
    return isOpen.indices.filter { isOpen[$0] }
  }

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

  /// Every open cell of a space that can be enumerated quickly; of a larger one, a seeded part and
  /// the neighbours of the best trials.
  private static func searched(_ study: Study, _ open: [Int]) -> [Int] {
    guard open.count > cellsMax else { return open }
    var generator = SeededGenerator(seed: study.seed, stream: 3 &+ UInt64(study.trials.count))
    var chosen = Set(open.shuffled(using: &generator).prefix(cellsMax))
    let allowed = Set(open)
    for trial in bestTrials(study, 10) {
      chosen.formUnion(neighbours(of: trial, study.space).intersection(allowed))
    }
    return chosen.sorted()
  }

  private static let cellsMax = 30_000

  private static func bestTrials(_ study: Study, _ count: Int) -> ArraySlice<Trial> {
    study.trials
      .compactMap { trial in study.feasibleObjective(of: trial).map { (trial, $0) } }
      .sorted { study.objective.isBetter($0.1, than: $1.1) }
      .map(\.0)
      .prefix(count)
  }

  /// Cells that differ from the trial's in one parameter.
  private static func neighbours(of trial: Trial, _ space: SearchSpace) -> Set<Int> {
    var result: Set<Int> = []
    for (column, parameter) in space.parameters.enumerated() {
      for level in parameter.domain.levels {
        var assignments = trial.configuration.assignments
        guard assignments.indices.contains(column) else { continue }
        assignments[column] = .init(name: parameter.name, level: level)
        if let cell = space.index(of: Configuration(assignments)) { result.insert(cell) }
      }
    }
    return result
  }
}
