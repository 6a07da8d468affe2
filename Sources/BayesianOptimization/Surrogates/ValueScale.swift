import Glibc

/// How a metric is seen by its surrogate: by its logarithm where all of its values allow that,
/// since services differ by factors and their noise is relative; else as it is.
enum ValueScale: Hashable, Sendable {
  case logarithmic, linear

  init(for values: [Double]) {
    self = values.allSatisfy { $0 > 0 } ? .logarithmic : .linear
  }

  /// Nil for a value that this scale has no place for.
  func internalValue(_ value: Double) -> Double? {
    switch self {
    case .logarithmic: value > 0 ? log(value) : nil
    case .linear: value
    }
  }

  func externalValue(_ value: Double) -> Double {
    switch self {
    case .logarithmic: exp(value)
    case .linear: value
    }
  }
}
