import Glibc

/// What an observation says when the value itself wasn't seen.
package enum Censoring: Hashable, Sendable {
  /// The value was seen.
  case none
  /// It is at least, or at most, the number that was noted.
  case atLeast, atMost
}

extension Prior {
  /// The process after observations of which some only bound the value: a stress test that was cut
  /// early says that no more than this much was held.
  ///
  /// Each bound b is a factor Φ(±(f − b)/ν) of the likelihood, replaced by a normal one with the
  /// same effect on the mean and variance at its point: expectation propagation (P. Groot,
  /// P. J. F. Lucas, "Gaussian process regression with censored data using expectation
  /// propagation", PGM 2012; the moments are those of Rasmussen and Williams, equations 3.56 to
  /// 3.58). With one bound the marginal moments are exact.
  ///
  /// - Parameter doubts: the probability that a bound says nothing at all, 0 by default; its factor
  ///   is then δ + (1 − δ) Φ(±(f − b)/ν).
  /// - Returns: nil only when values are not finite.
  package func conditioned(
    on inputs: Inputs, _ values: [Double], censoring: [Censoring], noiseFactors: [Double]? = nil,
    doubts: [Double]? = nil
  ) -> Posterior? {
    let factors = noiseFactors ?? [Double](repeating: 1, count: values.count)
    guard
      let replaced = CensoredObservations(values, censoring, factors, doubts: doubts)
        .replaced(by: self, at: inputs)
    else { return nil }
    return conditioned(on: inputs, replaced.values, noiseFactors: replaced.noiseFactors)
  }

  /// The likeliest prior given observations of which some only bound the value: fitted to what was
  /// seen, then to that and the normal factors that stand for the bounds.
  package static func fitted(
    to inputs: Inputs, _ values: [Double], censoring: [Censoring], noiseFactors: [Double]? = nil,
    believing prior: HyperparameterPrior
  ) -> Prior {
    let factors = noiseFactors ?? [Double](repeating: 1, count: values.count)
    let seen = values.indices.filter { censoring[$0] == .none }
    let first = fitted(
      to: inputs.selecting(seen), seen.map { values[$0] }, noiseFactors: seen.map { factors[$0] },
      believing: prior)
    guard seen.count < values.count,
      let replaced = CensoredObservations(values, censoring, factors)
        .replaced(by: first, at: inputs)
    else { return first }
    // A bound that says next to nothing would still count as an observation full of noise.
    let noise = first.hyperparameters.noiseVariance
    let telling = values.indices.filter {
      censoring[$0] == .none || replaced.noiseFactors[$0] * noise < Self.telling
    }
    return fitted(
      to: inputs.selecting(telling), telling.map { replaced.values[$0] },
      noiseFactors: telling.map { replaced.noiseFactors[$0] }, believing: prior,
      startingFrom: [first.hyperparameters])
  }
}

extension Prior {
  /// The variance, of standardized values, above which a normal factor isn't worth fitting to.
  private static let telling = 4.0
}

/// Observations, and the normal factors that stand for those that are bounds.
struct CensoredObservations {
  private let values: [Double]
  private let censoring: [Censoring]
  private let noiseFactors: [Double]
  private let doubts: [Double]

  init(
    _ values: [Double], _ censoring: [Censoring], _ noiseFactors: [Double],
    doubts: [Double]? = nil
  ) {
    precondition(values.count == censoring.count && values.count == noiseFactors.count)
    self.doubts = doubts ?? [Double](repeating: 0, count: values.count)
    self.values = values
    self.censoring = censoring
    self.noiseFactors = noiseFactors
  }

  /// A factor exp(precision · f · (mean) − ½ precision · f²) by its natural parameters.
  private struct Site {
    var precision = 0.0
    var precisionTimesMean = 0.0
  }

  /// Values and noise factors of plain observations with the same effect; nil when the process
  /// can't be conditioned.
  func replaced(by prior: Prior, at inputs: Inputs) -> (values: [Double], noiseFactors: [Double])? {
    let bounds = values.indices.filter { censoring[$0] != .none }
    guard !bounds.isEmpty else { return (values, noiseFactors) }
    let noise = prior.hyperparameters.noiseVariance
    let points = inputs.selecting(bounds)
    var sites = [Site](repeating: Site(), count: bounds.count)
    for _ in 0..<Self.sweepsMax {
      let plain = plainObservations(bounds, sites, noise: noise)
      guard
        let posterior = prior.conditioned(
          on: inputs, plain.values, noiseFactors: plain.noiseFactors)
      else { return nil }
      let marginals = posterior.marginals(at: points)
      var change = 0.0
      for (index, observation) in bounds.enumerated() {
        let next = site(
          observation, cavityOf: sites[index], mean: marginals.means[index],
          variance: marginals.variances[index], noise: noise)
        let step = next.precision - sites[index].precision
        change = max(change, abs(step) / (next.precision + 1))
        sites[index].precision += Self.damping * step
        sites[index].precisionTimesMean +=
          Self.damping * (next.precisionTimesMean - sites[index].precisionTimesMean)
      }
      if change < 1e-7 { break }
    }
    return plainObservations(bounds, sites, noise: noise)
  }

  private static let sweepsMax = 60
  private static let damping = 0.8
  /// A site that says nothing yet is an observation with this precision.
  private static let precisionMin = 1e-8

  private func plainObservations(
    _ bounds: [Int], _ sites: [Site], noise: Double
  ) -> (values: [Double], noiseFactors: [Double]) {
    var (plain, factors) = (values, noiseFactors)
    for (index, observation) in bounds.enumerated() {
      let precision = max(sites[index].precision, Self.precisionMin)
      plain[observation] = sites[index].precisionTimesMean / precision
      factors[observation] = 1 / (precision * noise)
    }
    return (plain, factors)
  }

  /// The normal factor that moves the rest of the evidence as the bound does.
  private func site(
    _ observation: Int, cavityOf site: Site, mean: Double, variance: Double, noise: Double
  ) -> Site {
    let rest = max(1 / variance - max(site.precision, Self.precisionMin), 1e-6 / variance)
    let cavityVariance = 1 / rest
    let cavityMean = cavityVariance * (mean / variance - site.precisionTimesMean)
    let sign = censoring[observation] == .atLeast ? 1.0 : -1.0
    let width = (noise * noiseFactors[observation] + cavityVariance).squareRoot()
    let z = sign * (cavityMean - values[observation]) / width
    let ratio = exp(
      -0.5 * z * z - 0.5 * log(2 * Double.pi) - NormalDistribution.logProbability(below: z))
    let shift = sign * cavityVariance * ratio / width
    let shrinkage = cavityVariance / (width * width) * ratio * (z + ratio)
    // Of a bound that may say nothing, the moments are those of both cases together.
    let doubt = doubts[observation]
    let holds = (1 - doubt) * NormalDistribution.probability(below: z)
    let share = doubt > 0 ? holds / (holds + doubt) : 1
    let tiltedMean = cavityMean + share * shift
    let tiltedVariance =
      cavityVariance * max(1 - share * shrinkage, 1e-9) + share * (1 - share) * shift * shift
    return Site(
      precision: max(1 / tiltedVariance - rest, 0),
      precisionTimesMean: tiltedMean / tiltedVariance - cavityMean * rest)
  }
}
