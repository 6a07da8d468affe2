import GaussianProcess
import Glibc
import Tuning

/// A model of the objective, turned so that more is better, from surrogates of its parts.
///
/// Where the objective is a product of powers, its logarithm is a weighted sum of the logarithms
/// of its metrics, each with a surrogate of its own, and of known terms such as the cost, which
/// need none. Any other objective gets one surrogate as a whole.
struct UtilityModel: Sendable {
  private struct Part: Sendable {
    let weight: Double
    let surrogate: MetricSurrogate
  }

  /// Whether differences of utility are ratios of the objective.
  let scale: ValueScale
  private let sign: Double
  private let parts: [Part]
  /// The objective's known part, on the utility's scale and with its sign.
  private let known: @Sendable (Configuration) -> Double?

  /// Nil before the first useful measurement.
  init?(_ study: Study, _ observed: ObservedTrials) {
    let sign = study.objective.direction == .maximize ? 1.0 : -1.0
    if let product = Self.product(study, observed, sign) {
      self = product
    } else if let whole = Self.whole(study, observed, sign) {
      self = whole
    } else {
      return nil
    }
  }

  private init(
    scale: ValueScale, sign: Double, parts: [Part],
    known: @escaping @Sendable (Configuration) -> Double?
  ) {
    self.scale = scale
    self.sign = sign
    self.parts = parts
    self.known = known
  }

  private static func product(
    _ study: Study, _ observed: ObservedTrials, _ sign: Double
  ) -> UtilityModel? {
    guard let monomial = study.objective.expression.monomial else { return nil }
    var parts: [Part] = []
    var knownPowers: [String: Double] = [:]
    for (name, power) in monomial.powers.sorted(by: { $0.key < $1.key }) {
      let values = observed.values(of: Metric(name))
      if values.values.isEmpty {
        knownPowers[name] = power
        continue
      }
      guard ValueScale(for: values.values) == .logarithmic,
        let surrogate = MetricSurrogate(
          values.inputs, values.values, expectedNoise: observed.expectedNoise,
          mean: observed.transfer?.mean(of: Metric(name)))
      else { return nil }
      parts.append(Part(weight: sign * power, surrogate: surrogate))
    }
    guard !parts.isEmpty else { return nil }
    let factor = log(monomial.factor)
    let powers = knownPowers.sorted { $0.key < $1.key }
    return UtilityModel(scale: .logarithmic, sign: sign, parts: parts) { configuration in
      var sum = factor
      for (name, power) in powers {
        guard let value = study.knownValue(of: name, at: configuration), value > 0 else {
          return nil
        }
        sum += power * log(value)
      }
      return sign * sum
    }
  }

  private static func whole(
    _ study: Study, _ observed: ObservedTrials, _ sign: Double
  ) -> UtilityModel? {
    let values = observed.values { study.objectiveValue(of: $1, at: $0) }
    guard
      let surrogate = MetricSurrogate(
        values.inputs, values.values, expectedNoise: observed.expectedNoise)
    else { return nil }
    return UtilityModel(
      scale: surrogate.scale, sign: sign, parts: [Part(weight: sign, surrogate: surrogate)]
    ) { _ in 0 }
  }

  /// Mean and variance of the utility at each point; −∞ where the known part has no value.
  func marginals(at points: Inputs, _ configurations: [Configuration]) -> Posterior.Marginals {
    var result = Posterior.Marginals(
      means: configurations.map { known($0) ?? -.infinity },
      variances: [Double](repeating: 0, count: points.count))
    for part in parts {
      let marginals = part.surrogate.marginals(at: points)
      for i in result.means.indices {
        result.means[i] += part.weight * marginals.means[i]
        result.variances[i] += part.weight * part.weight * marginals.variances[i]
      }
    }
    return result
  }

  /// Joint draws of the utility, one column each.
  func draws(
    at points: Inputs, _ configurations: [Configuration], count: Int,
    using generator: inout some RandomNumberGenerator
  ) -> [Double]? {
    let known = configurations.map { self.known($0) ?? -.infinity }
    var result: [Double] = []
    result.reserveCapacity(points.count * count)
    for _ in 0..<count { result += known }
    for part in parts {
      guard let draws = part.surrogate.draws(at: points, count: count, using: &generator) else {
        return nil
      }
      for i in result.indices { result[i] += part.weight * draws[i] }
    }
    return result
  }

  func believing(in pending: Inputs) -> UtilityModel {
    UtilityModel(
      scale: scale, sign: sign,
      parts: parts.map {
        Part(weight: $0.weight, surrogate: $0.surrogate.believing(in: pending))
      }, known: known)
  }

  /// The objective that a utility stands for.
  func objective(ofUtility utility: Double) -> Double { scale.externalValue(sign * utility) }

  /// By which share `best` is better than `utility`; 0 when it isn't.
  func shortfall(of utility: Double, from best: Double) -> Double {
    guard best > utility else { return 0 }
    switch scale {
    case .logarithmic: return sign > 0 ? 1 - exp(utility - best) : exp(best - utility) - 1
    case .linear: return (best - utility) / max(abs(best), abs(utility), 1e-300)
    }
  }

  var isCalibrated: Bool { parts.allSatisfy(\.surrogate.isCalibrated) }
}
