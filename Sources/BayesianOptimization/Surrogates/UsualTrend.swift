import Tuning

/// What is usual of a metric, up to a constant: a power law with the usual exponents.
struct UsualTrend: Sendable {
  /// In each feature of a point; without any, nothing is usual.
  private let exponents: [Double]

  init(of quantity: Metric.Quantity, _ scales: ParameterScales) {
    exponents = scales.usualExponents(of: quantity)
  }

  /// Of the logarithm at each point.
  /// - Parameter features: row-major, as `ParameterScales.features` gives them.
  func values(_ features: [Double]) -> [Double] {
    let width = exponents.count
    var result = [Double](repeating: 0, count: width > 0 ? features.count / width : 0)
    for (column, exponent) in exponents.enumerated() where exponent != 0 {
      for i in result.indices { result[i] += exponent * features[i * width + column] }
    }
    return result
  }
}
