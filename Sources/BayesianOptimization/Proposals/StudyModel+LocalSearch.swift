import Tuning

/// Spaces too large to look at every cell: climbs over the acquisition function, cell by cell.
extension StudyModel {
  /// The model over the cells that climbs from the best trials and from chance pass by.
  func searchedLocally() -> StudyModel {
    guard !landscape.isWhole else { return self }
    var generator = SeededGenerator(seed: study.seed, stream: 3 &+ UInt64(study.trials.count) << 8)
    var worth: [Int: Double] = [:]
    var expanded: Set<Int> = []
    let region = Region(study.space, anchors: bestTrials.compactMap(study.space.index(of:)))
    var frontier = startingCells(region, &generator)
    // What is spread over the space has nothing to climb by.
    guard !isSpreading else { return over(frontier.sorted()) }
    for _ in 0..<Self.roundsMax {
      let fresh = frontier.filter { worth[$0] == nil }.sorted()
      guard !fresh.isEmpty else { break }
      let part = over(fresh)
      for (cell, value) in zip(part.landscape.cells, part.worthOfCells)
        .prefix(part.landscape.openCount)
      { worth[cell] = value }
      frontier = []
      let tops = Self.best(worth, Self.climbers).filter { expanded.insert($0).inserted }
      for cell in tops {
        frontier.formUnion(region.neighbours(of: cell))
        for _ in 0..<Self.leaps { frontier.formUnion(region.leap(from: cell, 3, &generator)) }
      }
      frontier = frontier.filter { region.contains($0) && isOpen($0) }
    }
    return over(Self.best(worth, Self.cellsKept).sorted())
  }

  private static let roundsMax = 24
  private static let climbers = 6
  private static let anchorsMax = 2
  private static let leaps = 30
  private static let cellsKept = 3_000
  private static let startsMax = 2_000

  /// By descending worth; of equals the one with the lower number.
  private static func best(_ worth: [Int: Double], _ count: Int) -> [Int] {
    worth.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(count).map(\.key)
  }

  private var worthOfCells: [Double] {
    study.furtherObjectives.isEmpty ? acquisition : paretoAcquisition
  }

  private func over(_ open: [Int]) -> StudyModel {
    StudyModel(
      self,
      landscape: Landscape(study, observed, metrics, constraints, feasibility, open: open))
  }

  /// The middle, cells by chance, and what lies around the best trials.
  private func startingCells(
    _ region: Region, _ generator: inout SeededGenerator
  ) -> Set<Int> {
    var cells: Set<Int> = []
    let middle = study.space.parameters.map { $0.domain.levels.count / 2 }
    if let cell = study.space.index(ofLevelNumbers: middle) { cells.insert(cell) }
    for _ in 0..<Self.startsMax {
      cells.insert(Int(generator.next() % UInt64(study.space.count)))
    }
    for anchor in region.anchors {
      cells.formUnion(region.neighbours(of: anchor))
      for _ in 0..<(Self.startsMax / region.anchors.count) {
        cells.formUnion(region.leap(from: anchor, region.reach, &generator))
      }
    }
    return cells.filter { region.contains($0) && isOpen($0) }
  }

  /// Feasible ones first.
  private var bestTrials: [Configuration] {
    let measured = measuredTrials.compactMap { trial -> (Trial, Bool, Double)? in
      guard let measurement = trial.measurement,
        let value = study.objectiveValue(of: measurement, at: trial.configuration)
      else { return nil }
      return (trial, study.feasibleObjective(of: trial) != nil, value)
    }
    return
      measured.sorted { $0.1 != $1.1 ? $0.1 : study.objective.isBetter($0.2, than: $1.2) }
      .prefix(Self.anchorsMax).map(\.0.configuration)
  }

  private func isOpen(_ cell: Int) -> Bool {
    !observed.visitedCells.contains(cell) && !pruning.covers(cell)
  }
}

/// Where is climbed. With many parameters, what differs from the best trials in all of them is too far
/// from any for the model to know, and there are always more such cells: so each trial changes a few
/// (D. Eriksson et al., "Scalable global optimization via local Bayesian optimization", NeurIPS 2019).
private struct Region {
  let space: SearchSpace
  /// The best trials' cells.
  let anchors: [Int]
  /// In so many parameters a cell may differ from one of them.
  let reach: Int
  private let rows: [[Int]]

  init(_ space: SearchSpace, anchors: [Int]) {
    self.space = space
    self.anchors = anchors
    let count = space.parameters.count
    reach = count > Self.parametersFew ? 3 : count
    rows = anchors.map(space.levelNumbers(at:))
  }

  private static let parametersFew = 8

  func contains(_ cell: Int) -> Bool {
    guard !rows.isEmpty, reach < space.parameters.count else { return true }
    let row = space.levelNumbers(at: cell)
    return rows.contains { anchor in
      zip(anchor, row).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) } <= reach
    }
  }

  /// Cells that differ in one parameter.
  func neighbours(of cell: Int) -> Set<Int> {
    let row = space.levelNumbers(at: cell)
    var result: Set<Int> = []
    for (column, parameter) in space.parameters.enumerated() {
      for number in parameter.domain.levels.indices where number != row[column] {
        var other = row
        other[column] = number
        if let found = space.index(ofLevelNumbers: other) { result.insert(found) }
      }
    }
    return result
  }

  /// A cell that differs in up to `count` parameters, where there is one.
  func leap(from cell: Int, _ count: Int, _ generator: inout SeededGenerator) -> Set<Int> {
    var row = space.levelNumbers(at: cell)
    for _ in 0..<(1 + Int(generator.next() % UInt64(max(count, 1)))) {
      let column = Int(generator.next() % UInt64(row.count))
      row[column] = Int(generator.next() % UInt64(space.parameters[column].domain.levels.count))
    }
    return space.index(ofLevelNumbers: row).map { [$0] } ?? []
  }
}
