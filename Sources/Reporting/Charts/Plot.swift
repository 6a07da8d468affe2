import Tuning

/// A pair of axes with a frame to draw in.
struct Plot {
  /// An entry of the legend.
  struct Key: Hashable {
    enum Symbol: Hashable {
      case mark(Mark)
      case line(String)
    }
    let symbol: Symbol
    let text: String
  }

  let name: String
  let x: Axis
  let y: Axis
  let width: Double
  let height: Double
  let left: Double
  let right: Double = 12
  let top: Double
  let bottom: Double
  private let keys: [Key]
  private(set) var svg = SVG()

  /// The width of a character of a label, on average.
  static let characterWidth = 6.5

  /// - Parameters:
  ///   - name: unique within a page.
  ///   - below: room to leave below the horizontal axis' labels and title.
  init(
    name: String, x: Axis, y: Axis, keys: [Key] = [], width: Double = 480, height: Double = 300,
    below: Double = 0
  ) {
    self.name = name
    self.x = x
    self.y = y
    self.keys = keys
    self.width = width
    self.height = height
    let widest = y.ticks.map(\.label.count).max() ?? 1
    left = Double(widest) * Self.characterWidth + (y.title.isEmpty ? 12 : 30)
    let rows = Self.rows(of: keys, within: width - left - 12)
    top = keys.isEmpty ? 10 : 14 + 18 * Double(rows.count)
    bottom = (x.title.isEmpty ? 26 : 42) + below
    drawFrame()
    drawLegend(rows)
  }

  var innerWidth: Double { width - left - right }
  var innerHeight: Double { height - top - bottom }
  /// Where the horizontal axis is.
  var floor: Double { height - bottom }

  func point(_ x: Double, _ y: Double) -> SVG.Point {
    SVG.Point(
      x: left + self.x.fraction(of: x) * innerWidth,
      y: floor - self.y.fraction(of: y) * innerHeight)
  }

  mutating func curve(_ points: [(x: Double, y: Double)], class name: String) {
    svg.polyline(points.map { point($0.x, $0.y) }, class: name, clip: self.name)
  }

  mutating func band(
    _ points: [(x: Double, lower: Double, upper: Double)], class name: String
  ) {
    let there = points.map { point($0.x, $0.upper) }
    let back = points.reversed().map { point($0.x, $0.lower) }
    svg.polygon(there + back, class: name, clip: self.name)
  }

  mutating func mark(_ mark: Mark, _ x: Double, _ y: Double, title: String?) {
    svg.mark(mark, at: point(x, y), title: title)
  }

  /// A line across the frame at a value of the vertical axis, with a word above its right end.
  mutating func across(_ y: Double, label: String) {
    guard (0...1).contains(self.y.fraction(of: y)) else { return }
    svg.line(point(x.lower, y), point(x.upper, y), class: "bound")
    let end = point(x.lower, y)
    svg.text(
      label, at: SVG.Point(x: end.x + 6, y: end.y - 5), anchor: .start,
      class: "label bound-label halo")
  }

  /// A line up the frame at a value of the horizontal axis.
  mutating func up(_ x: Double, class name: String) {
    guard (0...1).contains(self.x.fraction(of: x)) else { return }
    svg.line(point(x, y.lower), point(x, y.upper), class: name)
  }

  mutating func interval(_ x: Double, _ lower: Double, _ upper: Double, class name: String) {
    svg.polyline([point(x, lower), point(x, upper)], class: name, clip: self.name)
  }

  /// Draws outside the axes, in the picture's own coordinates.
  mutating func draw(_ drawing: (inout SVG) -> Void) { drawing(&svg) }

  func document(label: String) -> String {
    svg.document(
      width: width, height: height, label: label,
      clip: (name, SVG.Point(x: left, y: top - 1), innerWidth, innerHeight + 2))
  }

  // MARK: - Frame

  private mutating func drawFrame() {
    for tick in y.ticks {
      let place = point(x.lower, tick.value)
      svg.line(place, point(x.upper, tick.value), class: "grid")
      svg.text(tick.label, at: SVG.Point(x: left - 6, y: place.y + 4), anchor: .end)
    }
    for tick in readableTicks {
      let place = point(tick.value, y.lower)
      svg.line(place, SVG.Point(x: place.x, y: place.y + 4), class: "axis")
      svg.text(tick.label, at: SVG.Point(x: place.x, y: place.y + 17), anchor: .middle)
    }
    svg.line(point(x.lower, y.lower), point(x.upper, y.lower), class: "axis")
    let middle = left + innerWidth / 2
    if !x.title.isEmpty {
      svg.text(
        x.title, at: SVG.Point(x: middle, y: floor + 35), anchor: .middle, class: "title")
    }
    if !y.title.isEmpty {
      svg.text(
        TextTable.cut(y.title, to: Int(innerHeight / Self.characterWidth)),
        at: SVG.Point(x: 13, y: top + innerHeight / 2), anchor: .middle, class: "title",
        turned: true)
    }
  }

  /// The ticks of the horizontal axis whose labels don't run into each other.
  private var readableTicks: [Axis.Tick] {
    let widest = Double(x.ticks.map(\.label.count).max() ?? 1) * Self.characterWidth + 8
    let room = innerWidth / Double(max(x.ticks.count, 1))
    let every = max(1, Int((widest / room).rounded(.up)))
    return x.ticks.enumerated().filter { $0.offset.isMultiple(of: every) }.map(\.element)
  }

  private static func length(of key: Key) -> Double {
    26 + Double(key.text.count) * characterWidth + 16
  }

  private static func rows(of keys: [Key], within width: Double) -> [[Key]] {
    var rows: [[Key]] = []
    var used = 0.0
    for key in keys {
      let length = length(of: key)
      if rows.isEmpty || used + length > width {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(key)
      used += length
    }
    return rows
  }

  private mutating func drawLegend(_ rows: [[Key]]) {
    for (row, keys) in rows.enumerated() {
      var x = left
      let y = 12 + 18 * Double(row)
      for key in keys {
        switch key.symbol {
        case .mark(let mark):
          svg.mark(mark.smaller(min(mark.radius, 4.5)), at: SVG.Point(x: x + 10, y: y), title: nil)
        case .line(let name):
          svg.line(SVG.Point(x: x, y: y), SVG.Point(x: x + 20, y: y), class: name)
        }
        svg.text(key.text, at: SVG.Point(x: x + 26, y: y + 4))
        x += Self.length(of: key)
      }
    }
  }
}
