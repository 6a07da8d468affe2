import GaussianProcess
import Glibc
import Tuning

/// A model of the objective, turned so that more is better.
///
/// Where the objective is a product of powers, its logarithm is a weighted sum of the logarithms
/// of its metrics, each with a model of its own, and of known terms such as the cost, which need
/// none. Any other objective gets one surrogate as a whole.
struct UtilityModel: Sendable {
  /// Whether differences of utility are ratios of the objective.
  let scale: ValueScale
  let form: MetricModels.Form
  private let sign: Double
  /// The objective's known part, on the utility's scale and with its sign.
  private let known: @Sendable (Configuration) -> Double?

  /// Adds what it needs to `models`. Nil before the first useful measurement.
  init?(_ study: Study, _ models: inout MetricModels) {
    let sign = study.objective.direction == .maximize ? 1.0 : -1.0
    if let product = Self.product(study, &models, sign) {
      self = product
    } else if let whole = Self.whole(study, &models, sign) {
      self = whole
    } else {
      return nil
    }
  }

  private init(
    scale: ValueScale, form: MetricModels.Form, sign: Double,
    known: @escaping @Sendable (Configuration) -> Double?
  ) {
    self.scale = scale
    self.form = form
    self.sign = sign
    self.known = known
  }

  private static func product(
    _ study: Study, _ models: inout MetricModels, _ sign: Double
  ) -> UtilityModel? {
    guard let monomial = study.objective.expression.monomial else { return nil }
    var form = MetricModels.Form(weights: [])
    var hasParts = false
    var knownPowers: [(name: String, power: Double)] = []
    for (name, power) in monomial.powers.sorted(by: { $0.key < $1.key }) {
      let metric = Metric(name)
      models.add(metric)
      guard let model = models[metric] else {
        knownPowers.append((name, power))
        continue
      }
      guard model.scale == .logarithmic else { return nil }
      form = form + (sign * power) * model.form
      hasParts = true
    }
    guard hasParts else { return nil }
    let factor = log(monomial.factor)
    let powers = knownPowers
    return UtilityModel(scale: .logarithmic, form: form, sign: sign) { configuration in
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
    _ study: Study, _ models: inout MetricModels, _ sign: Double
  ) -> UtilityModel? {
    let metric = Metric("\(study.objective.expression)")
    models.add(metric) { study.objectiveValue(of: $1, at: $0) }
    guard let model = models[metric] else { return nil }
    return UtilityModel(scale: model.scale, form: sign * model.form, sign: sign) { _ in
      0
    }
  }

  /// Mean and variance of the utility at each point; −∞ where the known part has no value.
  func marginals(
    _ evaluation: MetricModels.Evaluation, _ configurations: [Configuration]
  ) -> Posterior.Marginals {
    var result = evaluation(form)
    for i in result.means.indices { result.means[i] += known(configurations[i]) ?? -.infinity }
    return result
  }

  /// The known part at each point.
  func knownParts(_ configurations: [Configuration]) -> [Double] {
    configurations.map { known($0) ?? -.infinity }
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
}
