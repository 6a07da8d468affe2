import Glibc

/// What the kernel and the noise are made of, as logarithms, so that any real number is valid.
///
/// | symbol | meaning |
/// | --- | --- |
/// | ℓₖ | length scale of dimension k, in its coordinate's unit |
/// | σ² | variance of the Matérn part |
/// | τ² | variance of the linear trend's slopes |
/// | ν² | variance of the noise on an observation |
package struct Hyperparameters: Hashable, Sendable {
  package var logLengthScales: [Double]
  package var logSignalVariance: Double
  package var logTrendVariance: Double
  package var logNoiseVariance: Double

  package init(
    logLengthScales: [Double], logSignalVariance: Double, logTrendVariance: Double,
    logNoiseVariance: Double
  ) {
    self.logLengthScales = logLengthScales
    self.logSignalVariance = logSignalVariance
    self.logTrendVariance = logTrendVariance
    self.logNoiseVariance = logNoiseVariance
  }

  package var signalVariance: Double { exp(logSignalVariance) }
  package var trendVariance: Double { exp(logTrendVariance) }
  package var noiseVariance: Double { exp(logNoiseVariance) }

  /// All of them in one vector: ℓ₁…ℓ_d, σ², τ², ν².
  package var vector: [Double] {
    logLengthScales + [logSignalVariance, logTrendVariance, logNoiseVariance]
  }

  package init(vector: [Double]) {
    let dimensions = vector.count - 3
    self.init(
      logLengthScales: Array(vector[..<dimensions]), logSignalVariance: vector[dimensions],
      logTrendVariance: vector[dimensions + 1], logNoiseVariance: vector[dimensions + 2])
  }
}

/// What is believed of the hyperparameters before data: each logarithm is normal and independent.
///
/// The medians suit observations standardized to mean 0 and variance 1 over coordinates on 0…1.
package struct HyperparameterPrior: Hashable, Sendable {
  /// A normal law of one logarithm.
  package struct Belief: Hashable, Sendable {
    package var mean: Double
    package var deviation: Double
    package init(median: Double, deviation: Double) {
      self.mean = log(median)
      self.deviation = deviation
    }
  }

  package var lengthScales: [Belief]
  package var signalVariance: Belief
  package var trendVariance: Belief
  package var noiseVariance: Belief

  /// Length scales grow with the root of the number of dimensions, so that the prior's roughness
  /// doesn't (C. Hvarfner, E. Hellsten, L. Nardi, "Vanilla Bayesian optimization performs great in
  /// high dimensions", ICML 2024, section 4).
  /// - Parameter noiseDeviation: the expected noise, as a share of the observations' spread.
  package init(dimensions: [Inputs.Dimension], noiseDeviation: Double = 0.06) {
    let root = Double(dimensions.count).squareRoot()
    lengthScales = dimensions.map { dimension in
      switch dimension {
      case .ordinal: Belief(median: Lab.ls * root, deviation: Lab.lsd)
      case .categorical: Belief(median: Lab.cls * root, deviation: Lab.lsd)
      }
    }
    signalVariance = Belief(median: Lab.sv, deviation: Lab.svd)
    trendVariance = Belief(median: Lab.tv, deviation: Lab.tvd)
    noiseVariance = Belief(median: noiseDeviation * noiseDeviation * Lab.nm, deviation: Lab.nd)
  }

  package var beliefs: [Belief] { lengthScales + [signalVariance, trendVariance, noiseVariance] }

  /// The hyperparameters that are likeliest before data.
  package var mode: Hyperparameters { Hyperparameters(vector: beliefs.map(\.mean)) }

  /// The logarithm of the prior's density up to a constant, and its gradient.
  func logDensity(at vector: [Double]) -> (value: Double, gradient: [Double]) {
    var value = 0.0
    var gradient = [Double](repeating: 0, count: vector.count)
    for (index, belief) in beliefs.enumerated() {
      let z = (vector[index] - belief.mean) / belief.deviation
      value -= z * z / 2
      gradient[index] = -z / belief.deviation
    }
    return (value, gradient)
  }
}
