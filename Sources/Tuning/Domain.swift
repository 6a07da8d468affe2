/// The values that a parameter may take: never empty, never the same one twice; ordinal levels in
/// rising order.
package struct Domain: Hashable, Sendable {
  /// How the distance between ordinal levels is measured.
  package enum Scale: String, Hashable, Sendable, Codable {
    case linear, logarithmic
  }

  /// What kind of values these are.
  package enum Kind: String, Hashable, Sendable, Codable {
    /// Amounts with a unit suffix, in order.
    case quantities
    /// Whole numbers, in order.
    case integers
    /// Real numbers, in order.
    case numbers
    /// Names without an order.
    case choices
  }

  package let kind: Kind
  package let levels: [Level]
  package let scale: Scale

  /// Amounts in any order.
  package init(quantities: [Quantity], scale: Scale? = nil) throws(DomainError) {
    try self.init(.quantities, quantities.map(Level.quantity), scale)
  }

  /// Whole numbers in any order.
  package init(integers: [Int], scale: Scale? = nil) throws(DomainError) {
    try self.init(.integers, integers.map(Level.integer), scale)
  }

  /// `range.lowerBound`, then every `step` up to `range.upperBound`.
  package init(integers range: ClosedRange<Int>, step: Int, scale: Scale? = nil) throws(DomainError)
  {
    guard step > 0 else { throw .stepNotPositive(String(step)) }
    let count = (range.upperBound - range.lowerBound) / step + 1
    guard count <= Self.levelsMax else { throw .tooManyLevels(count: count) }
    let integers = stride(from: range.lowerBound, through: range.upperBound, by: step)
    try self.init(integers: Array(integers), scale: scale)
  }

  /// Real numbers in any order.
  package init(numbers: [Double], scale: Scale? = nil) throws(DomainError) {
    for number in numbers where !number.isFinite { throw .notFinite(String(number)) }
    try self.init(.numbers, numbers.map(Level.number), scale)
  }

  /// Names without an order; their sequence is kept.
  package init(choices: [String]) throws(DomainError) {
    try self.init(.choices, choices.map(Level.choice), nil)
  }

  private init(_ kind: Kind, _ levels: [Level], _ scale: Scale?) throws(DomainError) {
    guard !levels.isEmpty else { throw .empty }
    guard levels.count <= Self.levelsMax else { throw .tooManyLevels(count: levels.count) }
    var seen: Set<Level> = []
    for level in levels where !seen.insert(level).inserted { throw .duplicate(level.text) }
    self.kind = kind
    let inOrder =
      kind == .choices
      ? levels : levels.sorted { ($0.magnitude ?? 0) < ($1.magnitude ?? 0) }
    self.levels = inOrder
    self.scale = scale.map { Self.usable($0, inOrder) } ?? Self.natural(for: inOrder)
  }

  /// More levels than this are taken for a mistake.
  package static let levelsMax = 10_000

  package var isOrdinal: Bool { kind != .choices }

  /// Where a level stands on the unit interval by the domain's scale (also between and beyond the
  /// levels), or, for a choice, its number in the list. Nil for a level of another kind.
  package func coordinate(of level: Level) -> Double? {
    guard isOrdinal else { return levels.firstIndex(of: level).map(Double.init) }
    guard let magnitude = level.magnitude, let low = levels.first?.magnitude,
      let high = levels.last?.magnitude
    else { return nil }
    guard high > low else { return 0 }
    switch scale {
    case .linear: return (magnitude - low) / (high - low)
    case .logarithmic:
      guard magnitude > 0 else { return nil }
      return logarithm(magnitude / low) / logarithm(high / low)
    }
  }

  /// Reads a level of this domain's kind, on the grid or not; nil when the text is of another kind.
  package func level(reading text: String) -> Level? {
    switch kind {
    case .quantities: (try? Quantity(text)).map(Level.quantity)
    case .integers: Int(text).map(Level.integer)
    case .numbers: Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    case .choices: .choice(text)
    }
  }

  /// Levels that span a factor of four or more are told apart by ratio, others by difference.
  private static func natural(for levels: [Level]) -> Scale {
    guard let low = levels.first?.magnitude, let high = levels.last?.magnitude, low > 0,
      levels.count > 2, high / low >= 4
    else { return .linear }
    return .logarithmic
  }

  /// A logarithm needs levels above zero.
  private static func usable(_ scale: Scale, _ levels: [Level]) -> Scale {
    (levels.first?.magnitude ?? 0) > 0 ? scale : .linear
  }
}

/// Why values make no domain.
package enum DomainError: Error, Equatable, CustomStringConvertible {
  case empty
  case duplicate(String)
  case stepNotPositive(String)
  case notFinite(String)
  case tooManyLevels(count: Int)

  package var description: String {
    switch self {
    case .empty: "no values; at least one is needed"
    case .duplicate(let text): "\"\(text)\" is there twice; give every value once"
    case .stepNotPositive(let text): "step is \(text); it must be above zero"
    case .notFinite(let text): "\(text) is not a finite number"
    case .tooManyLevels(let count):
      "\(count) values; at most \(Domain.levelsMax) are allowed, so widen the step"
    }
  }
}
