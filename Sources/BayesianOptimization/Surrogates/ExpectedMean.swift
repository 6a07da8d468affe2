/// What the logarithm of a metric is expected to be before it is measured here, up to a constant: what
/// earlier services showed, as far as they are trusted, and for the rest what is usual.
struct ExpectedMean: Sendable {
  /// In each feature of a point.
  private let exponents: [Double]
  private let transferred: TransferredMean?
  /// Of earlier services, from 0 to 1.
  let trust: Double

  init(usualExponents: [Double], transferred: TransferredMean?) {
    self.transferred = transferred
    let trust = transferred?.trust ?? 0
    self.trust = trust
    exponents = usualExponents.map { (1 - trust) * $0 }
  }

  /// At each point.
  func values(at points: Points) -> [Double] {
    var result =
      transferred?.values(at: points.inputs) ?? [Double](repeating: 0, count: points.count)
    let width = exponents.count
    for (column, exponent) in exponents.enumerated() where exponent != 0 {
      for i in result.indices { result[i] += exponent * points.features[i * width + column] }
    }
    return result
  }
}
