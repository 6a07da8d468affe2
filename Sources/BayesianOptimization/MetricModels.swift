import GaussianProcess
import Glibc
import Tuning

/// Models of the metrics that objective and constraints are made of: each metric, on its scale, is
/// a weighted sum of independent surrogates and a known term.
///
/// Metrics aren't independent. By Little's law (J. D. C. Little, *Operations Research* 9, 1961) a
/// latency times a throughput is the number of requests under way, which depends on far less than
/// either: mostly on the batch. Where the observations agree, a latency is modelled as that number
/// over the throughput; every bottleneck is then learned once, and both move together.
struct MetricModels: Sendable {
  /// A weighted sum of the surrogates, with the known term's power.
  struct Form: Sendable {
    var weights: [Double]
    var demandPower = 0.0

    static func + (left: Form, right: Form) -> Form {
      var result = left
      while result.weights.count < right.weights.count { result.weights.append(0) }
      for (k, weight) in right.weights.enumerated() { result.weights[k] += weight }
      result.demandPower += right.demandPower
      return result
    }
    static func * (factor: Double, form: Form) -> Form {
      Form(weights: form.weights.map { factor * $0 }, demandPower: factor * form.demandPower)
    }
  }

  struct Model: Sendable {
    let scale: ValueScale
    let form: Form
  }

  /// A function of the configuration: power laws, where they help, and what they leave open.
  struct Part: Sendable {
    let trend: BottleneckModel?
    var rest: MetricSurrogate
  }

  private(set) var surrogates: [Part] = []
  private var models: [Metric: Model] = [:]
  private var series: [Metric: Series] = [:]
  private let observed: ObservedTrials

  init(_ observed: ObservedTrials) { self.observed = observed }

  subscript(metric: Metric) -> Model? { models[metric] }

  /// Observations of a metric on its scale, with the trials' rows.
  private struct Series: Sendable {
    let rows: [Int]
    let scale: ValueScale
    let values: [Double]
    let coordinates: [Double]
    let inputs: Inputs
    let logDemand: [Double]
  }

  /// Models one more metric; its model stays nil while there is nothing to learn from.
  /// - Parameters:
  ///   - value: of the metric at a trial, the measured one by default.
  ///   - partners: metrics modelled before, of which this one may be a multiple or a fraction.
  mutating func add(
    _ metric: Metric, partners: [Metric] = [],
    value: ((Configuration, Measurement) -> Double?)? = nil
  ) {
    guard models[metric] == nil, let own = series(value ?? { $1[metric] }) else { return }
    series[metric] = own
    var choice = Candidate(values: own.values, partner: nil, power: 0, demandPower: 0)
    if own.scale == .logarithmic, Lab.v("rho", 0) > 0 {
      choice = likeliest(of: [choice] + candidates(metric, own, partners), own)
    }
    let noise = observed.expectedNoise * (1 + choice.power * choice.power).squareRoot()
    let isRate = own.scale == .logarithmic && metric.isRate && choice.power == 0
    guard
      let surrogate = part(
        own, choice.values, isRate ? .minimum : .sum,
        noise: metric.name.contains("cost") || metric.name.contains("price") ? Lab.v("cn", 0.001) : noise)
    else { return }
    var form = Form(weights: [Double](repeating: 0, count: surrogates.count) + [1])
    if let partner = choice.partner, let model = models[partner] {
      form = form + (-choice.power) * model.form
      form.demandPower += choice.demandPower
    }
    surrogates.append(surrogate)
    models[metric] = Model(scale: own.scale, form: form)
  }

  private func part(
    _ own: Series, _ values: [Double], _ shape: BottleneckModel.Shape, noise: Double
  ) -> Part? {
    let plain = Lab.v("trend", 1) == 1 ? nil : MetricSurrogate(own.inputs, values, own.scale, expectedNoise: noise)
    if own.scale == .logarithmic, Lab.v("trend", 1) > 0 {
      let center = values.reduce(0, +) / Double(values.count)
      var generator = SeededGenerator(seed: 17, stream: UInt64(values.count))
      let features = observed.scales.features(own.coordinates)
      if let trend = BottleneckModel.fitted(
        features, values, shape,
        believing: BottleneckModel.Beliefs(
          center: center, centerDeviation: Lab.v("ad", 1.2), weightDeviations: observed.scales.featureDeviations,
          remainder: max(noise, 0) + Lab.v("rem", 0.04)), starts: Int(Lab.v("starts", 4)), using: &generator)
      {
        let fitted = trend.marginals(features)
        let residuals = zip(values, fitted.means).map { $0 - $1 }
        if plain == nil || trend.logEvidence > plain!.logEvidence + Lab.v("odds", 0),
          let rest = MetricSurrogate(own.inputs, residuals, own.scale, expectedNoise: noise, areResiduals: true)
        {
          return Part(trend: trend, rest: rest)
        }
      }
    }
    return (plain ?? MetricSurrogate(own.inputs, values, own.scale, expectedNoise: noise)).map { Part(trend: nil, rest: $0) }
  }

  // MARK: - Which metric hangs on which

  /// The values that a surrogate would learn: metric + power · partner − demandPower · demand.
  private struct Candidate {
    var values: [Double]
    var partner: Metric?
    var power: Double
    var demandPower: Double
    /// log of the odds before data.
    var logPrior = 0.0
  }

  private func candidates(_ metric: Metric, _ own: Series, _ partners: [Metric]) -> [Candidate] {
    partners.flatMap { partner -> [Candidate] in
      guard let other = series[partner], other.scale == .logarithmic, other.rows == own.rows else {
        return []
      }
      let little = metric.isDuration && partner.isRate || metric.isRate && partner.isDuration
      var result = [
        Candidate(
          values: zip(own.values, other.values).map { $0 + $1 }, partner: partner, power: 1,
          demandPower: 0, logPrior: little ? 0.7 : -2)
      ]
      if observed.scales.hasDemand {
        result.append(
          Candidate(
            values: zip(result[0].values, own.logDemand).map { $0 - $1 }, partner: partner,
            power: 1, demandPower: 1, logPrior: little ? 0.7 : -3))
      }
      return result
    }
  }

  /// The candidate of which typical hyperparameters make the observations likeliest.
  private func likeliest(of candidates: [Candidate], _ own: Series) -> Candidate {
    guard candidates.count > 1 else { return candidates[0] }
    let scores = candidates.map { candidate in
      candidate.logPrior
        + MetricSurrogate.typicalLogLikelihood(
          own.inputs, candidate.values, own.scale,
          expectedNoise: observed.expectedNoise
            * (1 + candidate.power * candidate.power).squareRoot())
    }
    var best = 0
    for i in scores.indices where scores[i] > scores[best] { best = i }
    return candidates[best]
  }

  private func series(_ value: (Configuration, Measurement) -> Double?) -> Series? {
    var rows: [Int] = []
    var values: [Double] = []
    for (index, row) in observed.rows.enumerated() {
      guard let measurement = row.trial.measurement,
        let found = value(row.trial.configuration, measurement), found.isFinite
      else { continue }
      rows.append(index)
      values.append(found)
    }
    guard !values.isEmpty else { return nil }
    let scale = ValueScale(for: values)
    let coordinates = rows.flatMap { observed.rows[$0].coordinates }
    return Series(
      rows: rows, scale: scale, values: values.compactMap(scale.internalValue),
      coordinates: coordinates, inputs: Inputs(rows: coordinates, dimensions: observed.dimensions),
      logDemand: observed.scales.logDemand(coordinates))
  }
}

extension MetricModels {
  /// The surrogates at points.
  struct Evaluation: Sendable {
    let marginals: [Posterior.Marginals]
    let logDemand: [Double]

    /// Means and variances of a sum.
    func callAsFunction(_ form: Form) -> Posterior.Marginals {
      var result = Posterior.Marginals(
        means: logDemand.map { form.demandPower * $0 },
        variances: [Double](repeating: 0, count: logDemand.count))
      for (weight, part) in zip(form.weights, marginals) where weight != 0 {
        for i in logDemand.indices {
          result.means[i] += weight * part.means[i]
          result.variances[i] += weight * weight * part.variances[i]
        }
      }
      return result
    }

    /// Covariances of two sums, point by point.
    func covariances(_ left: Form, _ right: Form) -> [Double] {
      var result = [Double](repeating: 0, count: logDemand.count)
      for k in marginals.indices where k < left.weights.count && k < right.weights.count {
        let weight = left.weights[k] * right.weights[k]
        guard weight != 0 else { continue }
        for i in result.indices { result[i] += weight * marginals[k].variances[i] }
      }
      return result
    }
  }

  func evaluated(at points: Points) -> Evaluation {
    let features = observed.scales.features(points.rows)
    return Evaluation(
      marginals: surrogates.map { part in
        var result = part.rest.marginals(at: points.inputs)
        if let trend = part.trend {
          let more = trend.marginals(features)
          for i in result.means.indices {
            result.means[i] += more.means[i]
            result.variances[i] += more.variances[i]
          }
        }
        return result
      },
      logDemand: observed.scales.logDemand(points.rows))
  }

  /// Joint draws of all surrogates.
  struct Draws: Sendable {
    /// A surrogate each, column-major, one column a draw.
    let values: [[Double]]
    let logDemand: [Double]

    func callAsFunction(_ form: Form, column: Int) -> [Double] {
      let m = logDemand.count
      var result = logDemand.map { form.demandPower * $0 }
      for (weight, part) in zip(form.weights, values) where weight != 0 {
        for i in 0..<m { result[i] += weight * part[column * m + i] }
      }
      return result
    }
  }

  func draws(
    at points: Points, count: Int, using generator: inout some RandomNumberGenerator
  ) -> Draws? {
    var values: [[Double]] = []
    let features = observed.scales.features(points.rows)
    for surrogate in surrogates {
      guard var drawn = surrogate.rest.draws(at: points.inputs, count: count, using: &generator)
      else { return nil }
      if let trend = surrogate.trend {
        let more = trend.draws(features, count: count, using: &generator)
        for i in drawn.indices { drawn[i] += more[i] }
      }
      values.append(drawn)
    }
    return Draws(values: values, logDemand: observed.scales.logDemand(points.rows))
  }

  /// The variance of the noise on one observation of a sum.
  func noiseVariance(_ form: Form) -> Double {
    zip(form.weights, surrogates).reduce(0) { $0 + $1.0 * $1.0 * $1.1.rest.noiseVariance }
  }

  func believing(in pending: Inputs) -> MetricModels {
    var result = self
    result.surrogates = surrogates.map { Part(trend: $0.trend, rest: $0.rest.believing(in: pending)) }
    return result
  }

  var isCalibrated: Bool { surrogates.allSatisfy(\.rest.isCalibrated) }
}

extension Metric {
  /// Judged by the unit at the end of the name.
  fileprivate var isDuration: Bool {
    name.contains("latency") || ["_ms", "_s", "_us", "_seconds"].contains { name.hasSuffix($0) }
  }

  fileprivate var isRate: Bool {
    name.contains("throughput") || ["_rps", "_qps"].contains { name.hasSuffix($0) }
  }
}
