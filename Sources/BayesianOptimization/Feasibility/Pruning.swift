package import Tuning

/// Cells that can't run, since a configuration that asks for no more and was given no less already
/// failed to start, or since no machine has what they ask for.
///
/// Memory and the like only ever help a candidate to start, batch size and the like only ever
/// hinder it (`Parameter.effect`). A failure therefore rules out every cell with at most its supply
/// and at least its demand. Of parameters whose effect isn't known, the cell must agree with the
/// failure, until a second failure that differs from it there confirms that they don't matter.
/// A success within a ruled-out block proves the rule wrong there and lifts it. While nothing has
/// run at all, only a lack of memory counts: any other failure may have nothing to do with the
/// configuration.
///
/// Where a platform said which resources were scarce, every cell with as much of all of them, or more,
/// finds no place either, whatever its other values are.
package struct Pruning: Sendable {
  /// Those of a space that can be gone through; else empty.
  package let cells: Set<Int>
  private let rules: [Rule]
  private let space: SearchSpace

  package init(_ study: Study) {
    let space = study.space
    let successes = Self.places(study) { $0.measurement != nil }
    let telling: [Infeasibility.Reason] =
      successes.isEmpty ? [.outOfMemory] : [.outOfMemory, .neverReady, .exited]
    let failures = Self.places(study) { trial in
      guard case .infeasible(let infeasibility) = trial.outcome else { return false }
      return infeasibility.phase == .starting && telling.contains(infeasibility.reason)
    }
    let rules = (Self.rules(space, failures) + Self.scarcities(study)).filter { rule in
      !successes.contains { rule.covers($0, space) }
    }
    self.rules = rules
    self.space = space
    guard !rules.isEmpty, space.count <= 200_000 else {
      cells = []
      return
    }
    let visited = study.visitedCells
    cells = Set(
      (0..<space.count).filter { cell in
        guard !visited.contains(cell) else { return false }
        let place = space.levelNumbers(at: cell)
        return rules.contains { $0.covers(place, space) }
      })
  }

  /// Whether a cell that wasn't tried can't run.
  func covers(_ cell: Int) -> Bool {
    guard !rules.isEmpty else { return false }
    let place = space.levelNumbers(at: cell)
    return rules.contains { $0.covers(place, space) }
  }

  private enum Rule: Sendable {
    /// What failed to start, and which parameters of unknown effect must agree with it.
    case starting(failure: [Int], mustAgree: Set<Int>)
    /// Columns, and the level of each that no machine has room for.
    case placing(scarce: [Int: Int])

    func covers(_ place: [Int], _ space: SearchSpace) -> Bool {
      switch self {
      case .placing(let scarce): scarce.allSatisfy { place[$0.key] >= $0.value }
      case .starting(let failure, let mustAgree):
        space.parameters.indices.allSatisfy { column in
          switch space.parameters[column].effect {
          case .supply: place[column] <= failure[column]
          case .demand: place[column] >= failure[column]
          case .unknown: !mustAgree.contains(column) || place[column] == failure[column]
          }
        }
      }
    }
  }

  /// What isn't searched is the same everywhere, so it takes no part in a comparison.
  private static func scarcities(_ study: Study) -> [Rule] {
    study.trials.compactMap { trial in
      guard case .infeasible(let why) = trial.outcome, let names = why.scarceResources,
        let cell = study.space.index(of: trial.configuration)
      else { return nil }
      let place = study.space.levelNumbers(at: cell)
      let columns = study.space.parameters.indices.filter { column in
        guard case .resource(let name) = study.space.parameters[column].target else { return false }
        return names.contains(name)
      }
      guard !columns.isEmpty else { return nil }
      return .placing(
        scarce: Dictionary(uniqueKeysWithValues: columns.map { ($0, place[$0]) }))
    }
  }

  private static func rules(_ space: SearchSpace, _ failures: [[Int]]) -> [Rule] {
    guard space.parameters.contains(where: { $0.effect == .supply }) else { return [] }
    let unknown = Set(
      space.parameters.indices.filter { space.parameters[$0].effect == .unknown })
    return failures.map { failure in
      // A second failure with no less supply and no more demand confirms this one.
      let confirming = failures.filter { other in
        other != failure
          && space.parameters.indices.allSatisfy { column in
            switch space.parameters[column].effect {
            case .supply: other[column] >= failure[column]
            case .demand: other[column] <= failure[column]
            case .unknown: true
            }
          }
      }
      let irrelevant = unknown.filter { column in
        confirming.contains { $0[column] != failure[column] }
      }
      return .starting(failure: failure, mustAgree: unknown.subtracting(irrelevant))
    }
  }

  private static func places(_ study: Study, where matches: (Trial) -> Bool) -> [[Int]] {
    study.trials.filter(matches).compactMap {
      study.space.index(of: $0.configuration).map(study.space.levelNumbers(at:))
    }
  }
}
