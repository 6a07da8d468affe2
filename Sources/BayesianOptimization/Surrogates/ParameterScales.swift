import Glibc
package import Tuning

/// What coordinates mean to a model of the machine: which parameters supply memory, which demand
/// it, and by which factor a level exceeds the lowest.
package struct ParameterScales: Sendable {
  private enum Scale: Sendable {
    case logarithmic(range: Double)
    /// low + x (high − low), as a multiple of low.
    case linear(growth: Double)
    case shapeless
  }

  let effects: [Parameter.Effect]
  let roles: [Parameter.Role]
  let isOrdinal: [Bool]
  let levelCounts: [Int]
  private let scales: [Scale]
  /// log(speed) of each choice of accelerators, as their data sheets have it, from the mean of those that
  /// are known; 0 for others.
  private let logSpeeds: [[Double]]

  package init(_ space: SearchSpace) {
    effects = space.parameters.map(\.effect)
    roles = space.parameters.map(\.role)
    isOrdinal = space.parameters.map(\.domain.isOrdinal)
    logSpeeds = space.parameters.map(Self.logSpeeds)
    levelCounts = space.parameters.map(\.domain.levels.count)
    scales = space.parameters.map { parameter in
      guard let low = parameter.domain.levels.first?.magnitude,
        let high = parameter.domain.levels.last?.magnitude, low > 0, high > low
      else { return .shapeless }
      switch parameter.domain.scale {
      case .logarithmic: return .logarithmic(range: log(high / low))
      case .linear: return .linear(growth: high / low - 1)
      }
    }
  }

  private static func logSpeeds(_ parameter: Parameter) -> [Double] {
    let known = parameter.domain.levels.map { level in
      parameter.role == .accelerator
        ? Accelerator(namedIn: level.text).map { log($0.memoryBandwidth.perSecond) } : nil
    }
    let sum = known.reduce(0) { $0 + ($1 ?? 0) }
    let mean = sum / Double(max(known.count { $0 != nil }, 1))
    return known.map { $0.map { $0 - mean } ?? 0 }
  }

  var count: Int { effects.count }

  /// log(level / lowest level); the coordinate itself where levels have no ratio.
  func logRatio(_ column: Int, _ coordinate: Double) -> Double {
    switch scales[column] {
    case .logarithmic(let range): range * coordinate
    case .linear(let growth): log(max(1 + growth * coordinate, 1e-3))
    case .shapeless: coordinate
    }
  }

  /// What power laws are made of, row-major: centred log ratios of ordinals, a column for each choice.
  func features(_ rows: [Double]) -> [Double] {
    let centers = effects.indices.map { isOrdinal[$0] ? logRatio($0, 0.5) : 0 }
    var result: [Double] = []
    for i in 0..<(rows.count / max(count, 1)) {
      for k in effects.indices {
        let x = rows[i * count + k]
        if isOrdinal[k] {
          result.append(logRatio(k, x) - centers[k])
        } else {
          for choice in 0..<levelCounts[k] { result.append(Int(x) == choice ? 1 : 0) }
        }
      }
    }
    return result
  }

  /// How far exponents are from the usual ones, mostly; choices differ by a factor of one and a half
  /// or so.
  /// - Parameter everywhere: whether every corner of the space matters, as it does to a front; what is
  ///   usual holds least there.
  func exponentDeviations(of quantity: Metric.Quantity, everywhere: Bool) -> [Double] {
    effects.indices.flatMap { column -> [Double] in
      guard isOrdinal[column] else { return [Double](repeating: 0.4, count: levelCounts[column]) }
      let isUsual = quantity.usualExponent(of: roles[column]) != nil
      return [isUsual && !everywhere ? 0.4 : 0.5]
    }
  }

  /// Exponents of a metric in each feature, before anything was measured; of a choice, which has a feature
  /// of its own, the logarithm of what it does.
  func usualExponents(of quantity: Metric.Quantity) -> [Double] {
    effects.indices.flatMap { column -> [Double] in
      let exponent = quantity.usualExponent(of: roles[column]) ?? 0
      return isOrdinal[column] ? [exponent] : logSpeeds[column].map { exponent * $0 }
    }
  }

  /// How far a coordinate is from where a configuration is likely to start and to be fast enough, but not at
  /// the very edge. 0 for choices that can't be told apart beforehand.
  func distanceFromSafety(_ column: Int, _ coordinate: Double) -> Double {
    if isOrdinal[column] { return abs(coordinate - safeCoordinate(column)) }
    guard let low = logSpeeds[column].min(), let high = logSpeeds[column].max(), high > low else {
      return 0
    }
    return abs((logSpeeds[column][Int(coordinate)] - low) / (high - low) - safeCoordinate(column))
  }

  private func safeCoordinate(_ column: Int) -> Double {
    if roles[column] == .workAtOnce || effects[column] == .demand { return 0.3 }
    if roles[column] != .unknown || effects[column] == .supply { return 0.7 }
    return 0.5
  }
}
