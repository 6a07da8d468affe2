import Glibc

extension Prior {
  /// The likeliest prior given observations among which there may be outliers, and how much
  /// noisier than the rest each of them has to be taken.
  ///
  /// An observation further than `residualMax` predicted standard deviations from what all others
  /// say is given so much noise of its own that it lies within two; then all is fitted anew, since
  /// an outlier also inflates the noise of the others, behind which a second one hides. At most a
  /// tenth of the observations are doubted: more of them are no accident but something that the
  /// model doesn't know. (Inflating the variance is what a t-law's likelihood does to a distant
  /// observation: A. O'Hagan, *Journal of the Royal Statistical Society* B 41, 1979.)
  package static func fittedDoubtingOutliers(
    to inputs: Inputs, _ values: [Double], noiseFactors: [Double]? = nil,
    believing prior: HyperparameterPrior, residualMax: Double = 3.5
  ) -> (prior: Prior, noiseFactors: [Double]) {
    var factors = noiseFactors ?? [Double](repeating: 1, count: values.count)
    var found = fitted(to: inputs, values, noiseFactors: factors, believing: prior)
    var doubted: Set<Int> = []
    while doubted.count < values.count / 10 {
      guard let posterior = found.conditioned(on: inputs, values, noiseFactors: factors) else {
        break
      }
      let residuals = posterior.leaveOneOutResiduals
      guard
        let worst = values.indices.filter({ !doubted.contains($0) })
          .max(by: { abs(residuals[$0]) < abs(residuals[$1]) }),
        abs(residuals[worst]) > residualMax
      else { break }
      doubted.insert(worst)
      let predicted = posterior.leaveOneOut
      let distance = values[worst] - predicted.means[worst]
      let missing = distance * distance / 4 - predicted.variances[worst]
      factors[worst] += max(missing, 0) / found.hyperparameters.noiseVariance
      found = fitted(
        to: inputs, values, noiseFactors: factors, believing: prior,
        startingFrom: [found.hyperparameters])
    }
    return (found, factors)
  }
}
