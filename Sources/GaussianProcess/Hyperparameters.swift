import Glibc

/// What the kernel and the noise are made of, as logarithms, so that any real number is valid.
///
/// | symbol | meaning |
/// | --- | --- |
/// | ℓₖ | length scale of dimension k, in its coordinate's unit |
/// | σ² | variance of the Matérn part |
/// | τ² | variance of the linear trend's slopes |
/// | ν² | variance of the noise on an observation |
/// | ηₖ꜀ | by how much the length scale of category c differs from its dimension's: ℓ꜀ = ℓₖ exp ηₖ꜀ |
package struct Hyperparameters: Hashable, Sendable {
  package var logLengthScales: [Double]
  package var logSignalVariance: Double
  package var logTrendVariance: Double
  package var logNoiseVariance: Double
  /// For each dimension, ηₖ꜀ of its categories; where there is none, it is 0.
  package var categoryOffsets: [[Double]]

  package init(
    logLengthScales: [Double], logSignalVariance: Double, logTrendVariance: Double,
    logNoiseVariance: Double, categoryOffsets: [[Double]]? = nil
  ) {
    precondition(categoryOffsets.map { $0.count == logLengthScales.count } ?? true)
    self.logLengthScales = logLengthScales
    self.logSignalVariance = logSignalVariance
    self.logTrendVariance = logTrendVariance
    self.logNoiseVariance = logNoiseVariance
    self.categoryOffsets = categoryOffsets ?? logLengthScales.map { _ in [] }
  }

  package var signalVariance: Double { exp(logSignalVariance) }
  package var trendVariance: Double { exp(logTrendVariance) }
  package var noiseVariance: Double { exp(logNoiseVariance) }

  /// All of them in one vector: ℓ₁…ℓ_d, σ², τ², ν², then the ηₖ꜀ dimension by dimension.
  package var vector: [Double] {
    logLengthScales + [logSignalVariance, logTrendVariance, logNoiseVariance]
      + categoryOffsets.joined()
  }

  /// - Parameter categories: for each dimension, how many categories have an ηₖ꜀ in the vector;
  ///   none by default.
  package init(vector: [Double], categories: [Int]? = nil) {
    let dimensions = vector.count - 3 - (categories?.reduce(0, +) ?? 0)
    var rest = vector[(dimensions + 3)...]
    self.init(
      logLengthScales: Array(vector[..<dimensions]), logSignalVariance: vector[dimensions],
      logTrendVariance: vector[dimensions + 1], logNoiseVariance: vector[dimensions + 2],
      categoryOffsets: categories?.map { count in
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      })
  }

  /// log ℓ꜀ of one category of dimension `k`.
  func logLengthScale(of category: Int, dimension k: Int) -> Double {
    let offsets = categoryOffsets[k]
    return logLengthScales[k] + (offsets.indices.contains(category) ? offsets[category] : 0)
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
  /// For each dimension, of its categories' ηₖ꜀.
  package var categoryOffsets: [[Belief]]

  /// Length scales grow with the root of the number of dimensions, so that the prior's roughness
  /// doesn't (C. Hvarfner, E. Hellsten, L. Nardi, "Vanilla Bayesian optimization performs great in
  /// high dimensions", ICML 2024, section 4).
  /// - Parameter noiseDeviation: the expected noise, as a share of the observations' spread.
  package init(dimensions: [Inputs.Dimension], noiseDeviation: Double = 0.06) {
    let root = Double(dimensions.count).squareRoot()
    lengthScales = dimensions.map { dimension in
      switch dimension {
      case .ordinal: Belief(median: 0.35 * root, deviation: 0.8)
      case .categorical: Belief(median: 0.7 * root, deviation: 0.8)
      }
    }
    signalVariance = Belief(median: 0.6, deviation: 0.8)
    trendVariance = Belief(median: 0.3, deviation: 1.0)
    noiseVariance = Belief(median: noiseDeviation * noiseDeviation, deviation: 1.2)
    categoryOffsets = dimensions.map { _ in [] }
  }

  /// The same, and that each category of a dimension that has at least three may have a length
  /// scale of its own. (Two have but one distance.)
  package func tellingCategoriesApart(in inputs: Inputs) -> HyperparameterPrior {
    var prior = self
    prior.categoryOffsets = inputs.categoryCounts.map { count in
      [Belief](repeating: Belief(median: 1, deviation: 0.5), count: count < 3 ? 0 : count)
    }
    return prior
  }

  /// In the order of `Hyperparameters.vector`.
  package var beliefs: [Belief] {
    lengthScales + [signalVariance, trendVariance, noiseVariance] + categoryOffsets.joined()
  }

  /// The hyperparameters that are likeliest before data.
  package var mode: Hyperparameters { hyperparameters(beliefs.map(\.mean)) }

  /// The hyperparameters of a vector in the order of `beliefs`.
  package func hyperparameters(_ vector: [Double]) -> Hyperparameters {
    Hyperparameters(vector: vector, categories: categoryOffsets.map(\.count))
  }

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
