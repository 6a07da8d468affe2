import Foundation

/// One direction of a chart: from values to 0…1, and the values that are written beside it.
package struct Axis: Hashable {
  package enum Scale { case linear, logarithmic }

  package struct Tick: Hashable {
    package let value: Double
    package let label: String
  }

  package let scale: Scale
  package let lower: Double
  package let upper: Double
  package let ticks: [Tick]
  package let title: String

  /// Spans all values, with round ends.
  /// - Parameters:
  ///   - fromZero: whether a linear axis begins at zero.
  ///   - logarithmicBeyond: the ratio of largest to smallest value from which ratios, rather than
  ///     differences, are what can be told apart.
  ///   - isWhole: whether there is nothing between whole numbers.
  /// - Returns: nil without a finite value.
  package init?(
    spanning values: some Sequence<Double>, title: String, fromZero: Bool = true,
    logarithmicBeyond ratio: Double = 25, isWhole: Bool = false
  ) {
    let finite = values.filter(\.isFinite)
    guard let least = finite.min(), let most = finite.max() else { return nil }
    self.title = title
    if least > 0, most / least > ratio {
      scale = .logarithmic
      (lower, upper, ticks) = Self.logarithmic(least, most)
    } else {
      scale = .linear
      (lower, upper, ticks) = Self.linear(
        fromZero ? min(least, 0) : least, fromZero ? max(most, 0) : most,
        stepMin: isWhole ? 1 : 0)
    }
  }

  /// Named places at 0, 1, 2, …, with half a place of room at either end.
  init(places labels: [String], title: String) {
    scale = .linear
    (lower, upper) = (-0.5, Double(max(labels.count, 1)) - 0.5)
    ticks = labels.enumerated().map { Tick(value: Double($0.offset), label: $0.element) }
    self.title = title
  }

  /// Where a value stands: 0 at the lower end, 1 at the upper. Outside the span it is outside 0…1.
  package func fraction(of value: Double) -> Double {
    switch scale {
    case .linear: (value - lower) / (upper - lower)
    case .logarithmic:
      value > 0 ? log(value / lower) / log(upper / lower) : -1
    }
  }

  private typealias Span = (lower: Double, upper: Double, ticks: [Tick])

  private static func linear(_ least: Double, _ most: Double, stepMin: Double) -> Span {
    let width = most - least
    let span = width > abs(most) * 1e-9 ? width : max(abs(most), 1) * 0.2
    let middle = (most + least) / 2
    let (low, high) = width > 0 ? (least, most) : (middle - span / 2, middle + span / 2)
    let step = max(roundStep(span / 5), stepMin)
    let (first, last) = ((low / step).rounded(.down), (high / step - 1e-9).rounded(.up))
    let isWide = max(abs(first), abs(last)) * step >= 1e6 || step < 1e-4
    let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    let ticks = stride(from: first, through: last, by: 1).map { count -> Tick in
      let value = count * step
      return Tick(
        value: value,
        label: isWide ? Figure.brief(value) : Figure.fixed(value, decimals: decimals))
    }
    return (first * step, last * step, ticks)
  }

  private static func logarithmic(_ least: Double, _ most: Double) -> Span {
    let decades = log10(most / least)
    let factors: [Double] = decades < 2.5 ? [1, 2, 5] : [1]
    let first = Int(log10(least).rounded(.down))
    let last = Int(log10(most).rounded(.up))
    let candidates = (first...last).flatMap { exponent in
      factors.map { $0 * Figure.powerOfTen(exponent) }
    }
    let low = candidates.last { $0 <= least * (1 + 1e-9) } ?? least
    let high = candidates.first { $0 >= most * (1 - 1e-9) } ?? most
    let inside = candidates.filter { $0 >= low && $0 <= high }
    let every = (inside.count + 9) / 10
    let ticks = inside.enumerated().filter { $0.offset.isMultiple(of: every) }
      .map { Tick(value: $0.element, label: Figure.brief($0.element)) }
    return (low, high, ticks)
  }

  /// 1, 2 or 5 times a power of ten, at least as large.
  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= step * (1 - 1e-9) { return factor * power }
    return 10 * power
  }
}
