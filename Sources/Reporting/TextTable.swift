/// Columns of text under each other.
package struct TextTable {
  package enum Alignment { case left, right }

  private var rows: [[String]] = []
  private let alignments: [Alignment]

  /// Longer cells are cut, with an ellipsis.
  private let cellWidthMax: Int

  package init(_ alignments: [Alignment], cellWidthMax: Int = 40) {
    self.alignments = alignments
    self.cellWidthMax = cellWidthMax
  }

  package mutating func add(_ cells: [String]) {
    rows.append(cells.map { Self.cut($0, to: cellWidthMax) })
  }

  /// The rows, each a line without spaces at its end.
  package var lines: [String] {
    let widths = alignments.indices.map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let room = String(repeating: " ", count: widths[column] - cell.count)
        return alignments[column] == .left ? cell + room : room + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}
