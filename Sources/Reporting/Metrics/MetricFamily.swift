/// One metric with all its series, as Prometheus reads it (text exposition format 0.0.4).
package struct MetricFamily: Hashable, Sendable {
  private enum Kind: String {
    case counter, gauge, histogram
  }

  private struct Line: Hashable {
    let suffix: String
    let labels: [Label]
    let value: Double
  }

  private struct Label: Hashable {
    let name: String
    let value: String
  }

  private let name: String
  private let help: String
  private let kind: Kind
  private let lines: [Line]

  /// What only grows; its name ends in `_total` or a unit. `series` is by the labels' values.
  package static func counter(
    _ name: String, _ help: String, labels: [String] = [], _ series: [[String]: Double]
  ) -> MetricFamily {
    MetricFamily(name: name, help: help, kind: .counter, lines: lines(labels, series))
  }

  package static func counter(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
    counter(name, help, [[]: value])
  }

  /// What goes up and down.
  package static func gauge(
    _ name: String, _ help: String, labels: [String] = [], _ series: [[String]: Double]
  ) -> MetricFamily {
    MetricFamily(name: name, help: help, kind: .gauge, lines: lines(labels, series))
  }

  package static func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
    gauge(name, help, [[]: value])
  }

  package static func histogram(
    _ name: String, _ help: String, labels: [String] = [], _ series: [[String]: Histogram]
  ) -> MetricFamily {
    let sorted = series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let lines = sorted.flatMap { values, histogram in
      let pairs = zip(labels, values).map(Label.init)
      return histogram.cumulative.map { bound, count in
        Line(suffix: "_bucket", labels: pairs + [Label(name: "le", value: bound)], value: count)
      } + [
        Line(suffix: "_sum", labels: pairs, value: histogram.sum),
        Line(suffix: "_count", labels: pairs, value: histogram.count),
      ]
    }
    return MetricFamily(name: name, help: help, kind: .histogram, lines: lines)
  }

  private static func lines(_ labels: [String], _ series: [[String]: Double]) -> [Line] {
    series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { Line(suffix: "", labels: zip(labels, $0.key).map(Label.init), value: $0.value) }
  }

  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package var text: String {
    var text = "# HELP \(name) \(Self.escaped(help, isQuoted: false))\n"
    text += "# TYPE \(name) \(kind.rawValue)\n"
    for line in lines {
      let labels = line.labels.map {
        "\($0.name)=\"\(Self.escaped($0.value, isQuoted: true))\""
      }
      text += name + line.suffix
      if !labels.isEmpty { text += "{" + labels.joined(separator: ",") + "}" }
      text += " " + Self.number(line.value) + "\n"
    }
    return text
  }

  private static func escaped(_ text: String, isQuoted: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where isQuoted: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  fileprivate static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

/// How often values were at most so great.
package struct Histogram: Hashable, Sendable {
  private let bounds: [Double]
  /// One more than there are bounds: the last is for what exceeds them all.
  private var counts: [Double]
  fileprivate private(set) var sum = 0.0

  /// - Parameter bounds: rising.
  package init(bounds: [Double]) {
    self.bounds = bounds
    self.counts = Array(repeating: 0, count: bounds.count + 1)
  }

  package mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  fileprivate var count: Double { counts.reduce(0, +) }

  fileprivate var cumulative: [(bound: String, count: Double)] {
    var total = 0.0
    return zip(bounds + [.infinity], counts).map { bound, count in
      total += count
      return (MetricFamily.number(bound), total)
    }
  }
}
