/// What the page's template shows: every field a text, a list of such, or nil where the part is
/// to be left out. Fields named `svg` are markup; all others are escaped by the template.
struct PageContent {
  struct Row {
    /// The name, cut where a line may end.
    let parts: [String]
    let unit: String?
    let baseline: String
    let recommended: String
    let interval: String?
    let isChanged: Bool
  }

  struct Comparing {
    let heading: String
    let parameters: [Row]
    let results: [Row]
    let hasIntervals: Bool
  }

  struct Card {
    let title: String
    let explanation: String
    let svg: String
    let captions: [String]
  }

  struct Small {
    let parameter: String
    let svg: String
  }

  struct SmallCharts {
    let objective: String
    let charts: [Small]
  }

  struct Column {
    /// The name, cut where a line may end.
    let parts: [String]
    let isNumber: Bool
  }

  struct Cell {
    let text: String
    /// What the column is sorted by.
    let key: String
    let isNumber: Bool
  }

  struct Line {
    let ordinal: Int
    let name: String?
    let knobs: [Cell]
    let cells: [Cell]
    let outcome: String
    let outcomeClass: String
    let detail: Detail?
  }

  struct Detail {
    let summary: String
    let log: String?
    let doubts: [String]
  }

  struct TrialList {
    let count: String
    let columns: [Column]
    let lines: [Line]
  }

  struct Share {
    let visited: Int
    let pruned: Int
    let left: Int
    let total: Int
    let visitedWidth: String
    let prunedWidth: String
    let sentence: String
  }

  struct Code {
    let title: String
    let explanation: String
    let text: String
    let isOpen: Bool
  }

  struct Fact {
    let label: String
    let text: String
  }

  let title: String
  let kicker: String
  let headline: String
  let isRecommended: Bool
  let spec: [Fact]?
  let lead: String?
  let gainFigure: String?
  let gainRange: String?
  let certainty: String?
  let tiles: [Fact]
  let reason: String?
  let toRelax: [String]?
  let comparing: Comparing?
  let share: Share
  let stop: String
  let charts: [Card]
  let smallCharts: SmallCharts?
  let trialList: TrialList?
  let notes: [String]?
  let patches: [Code]?
  let facts: [Fact]
  let style: String
  let script: String
}

extension PageContent {
  /// A name cut after its underscores: names of variables have no spaces at which to break a line.
  static func parts(of name: String) -> [String] {
    let words = name.split(separator: "_", omittingEmptySubsequences: false)
    return words.enumerated().map {
      $0.offset < words.count - 1 ? "\($0.element)_" : "\($0.element)"
    }
  }
}
