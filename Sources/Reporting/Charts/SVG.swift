import Tuning

/// The text of an SVG picture under construction. Colours are classes, so that the page's style
/// sheet decides them for light, dark and print.
struct SVG {
  struct Point: Hashable {
    let x: Double
    let y: Double
  }

  enum Anchor: String { case start, middle, end }

  private(set) var body = ""

  mutating func line(_ from: Point, _ to: Point, class name: String) {
    body +=
      "<line class=\"\(name)\" x1=\"\(Self.number(from.x))\" y1=\"\(Self.number(from.y))\""
      + " x2=\"\(Self.number(to.x))\" y2=\"\(Self.number(to.y))\"/>\n"
  }

  mutating func polyline(_ points: [Point], class name: String, clip: String? = nil) {
    guard points.count > 1 else { return }
    body += "<polyline class=\"\(name)\"\(Self.clip(clip)) points=\"\(Self.list(points))\"/>\n"
  }

  mutating func polygon(_ points: [Point], class name: String, clip: String? = nil) {
    guard points.count > 2 else { return }
    body += "<polygon class=\"\(name)\"\(Self.clip(clip)) points=\"\(Self.list(points))\"/>\n"
  }

  mutating func rectangle(_ corner: Point, width: Double, height: Double, class name: String) {
    body +=
      "<rect class=\"\(name)\" x=\"\(Self.number(corner.x))\" y=\"\(Self.number(corner.y))\""
      + " width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>\n"
  }

  mutating func text(
    _ text: String, at point: Point, anchor: Anchor = .start, class name: String = "label",
    turned: Bool = false
  ) {
    let (x, y) = (Self.number(point.x), Self.number(point.y))
    let turn = turned ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
    body +=
      "<text class=\"\(name)\" x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor.rawValue)\"\(turn)>"
      + "\(Self.escaped(text))</text>\n"
  }

  /// A mark with a text that is shown when it is pointed at.
  mutating func mark(_ mark: Mark, at point: Point, title: String?) {
    let radius = mark.radius
    let (x, y) = (Self.number(point.x), Self.number(point.y))
    let title = title.map { "<title>\(Self.escaped($0))</title>" } ?? ""
    switch mark.shape {
    case .circle:
      body +=
        "<circle class=\"\(mark.name)\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(Self.number(radius))\">"
        + "\(title)</circle>\n"
    case .diamond:
      let side = radius * 1.35
      let corners = [(0, -side), (side, 0), (0, side), (-side, 0)].map {
        Point(x: point.x + $0.0, y: point.y + $0.1)
      }
      body +=
        "<polygon class=\"\(mark.name)\" points=\"\(Self.list(corners))\">\(title)</polygon>\n"
    case .cross:
      let (left, right) = (Self.number(point.x - radius), Self.number(point.x + radius))
      let (top, bottom) = (Self.number(point.y - radius), Self.number(point.y + radius))
      body +=
        "<path class=\"\(mark.name)\" d=\"M\(left) \(top)L\(right) \(bottom)"
        + "M\(left) \(bottom)L\(right) \(top)\">\(title)</path>\n"
    }
  }

  /// The whole picture.
  /// - Parameters:
  ///   - label: what a screen reader says of it.
  ///   - clip: the name and the rectangle of a clipping path.
  func document(
    width: Double, height: Double, label: String,
    clip: (name: String, corner: Point, width: Double, height: Double)? = nil
  ) -> String {
    var definitions = ""
    if let clip {
      var rectangle = SVG()
      rectangle.rectangle(
        clip.corner, width: clip.width, height: clip.height, class: "clip")
      definitions = "<clipPath id=\"\(clip.name)\">\(rectangle.body.dropLast())</clipPath>\n"
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\""
      + " viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\""
      + " aria-label=\"\(Self.escaped(label))\">\n\(definitions)\(body)</svg>\n"
  }

  /// Text without markup, and without the control characters that XML forbids.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A tenth of a unit is finer than a screen shows.
  private static func number(_ value: Double) -> String {
    let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
  }

  private static func list(_ points: [Point]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  private static func clip(_ name: String?) -> String {
    name.map { " clip-path=\"url(#\($0))\"" } ?? ""
  }
}

/// How a point is drawn. Shapes differ as well as colours, for those who see few colours and for
/// paper.
struct Mark: Hashable {
  enum Shape { case circle, diamond, cross }

  let shape: Shape
  let radius: Double
  /// The class that colours it.
  let name: String

  static let recommended = Mark(shape: .circle, radius: 5, name: "mark recommended")
  static let baseline = Mark(shape: .diamond, radius: 5, name: "mark baseline")
  static let feasible = Mark(shape: .circle, radius: 3.5, name: "mark feasible")
  static let infeasible = Mark(shape: .cross, radius: 3.5, name: "cross infeasible")

  func smaller(_ radius: Double) -> Mark { Mark(shape: shape, radius: radius, name: name) }
}
