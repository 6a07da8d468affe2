import GaussianProcess
import Glibc
import Tuning

/// The probability that a combination of choices goes together: an engine that doesn't know a type of
/// GPU never starts there, whatever else is set.
///
/// A Gaussian process whose covariance falls with each choice that differs, and hardly with what
/// supplies or demands memory, so that one trial speaks for its combination and whispers of those that
/// share a part of it. That something started is a bound on the process (f ≥ 0 by probit noise of
/// variance 1); that it failed is one too, but for the chance that memory was missing. What isn't
/// normal in that is replaced by expectation propagation (`CensoredObservations`): Laplace's
/// approximation takes a failure for half of what it says.
struct CombinationBoundary: Sendable {
  private let posterior: Posterior
  private let started: [Bool]

  /// Nil where there is nothing to combine, or too much was seen to go through it in time.
  /// - Parameter enough: P(it would have started) of each trial, had its combination gone together.
  init?(_ scales: ParameterScales, _ inputs: Inputs, started: [Bool], enough: [Double]) {
    guard scales.isOrdinal.contains(false), started.count <= Self.labelsMax else { return nil }
    let prior = Prior(
      hyperparameters: Self.hyperparameters(scales), dimensions: inputs.dimensions)
    guard
      let posterior = prior.conditioned(
        on: inputs, [Double](repeating: 0, count: started.count),
        censoring: started.map { $0 ? .atLeast : .atMost },
        doubts: zip(started, enough).map { $0 ? 0 : 1 - $1 }, tolerance: 1e-3)
    else { return nil }
    self.posterior = posterior
    self.started = started
  }

  private static let labelsMax = 300

  /// Neighbouring levels of a parameter whose effect isn't known are about as different as choices are.
  private static func hyperparameters(_ scales: ParameterScales) -> Hyperparameters {
    Hyperparameters(
      logLengthScales: scales.isOrdinal.indices.map { column in
        guard scales.isOrdinal[column] else { return log(0.8) }
        return log(scales.effects[column] == .unknown ? 0.3 : 20)
      }, logSignalVariance: log(8), logTrendVariance: log(0.1), logNoiseVariance: 0)
  }

  /// P(it goes together) at each point.
  func probabilities(at points: Inputs) -> [Double] {
    let marginals = posterior.marginals(at: points)
    return marginals.means.indices.map {
      Self.probability(marginals.means[$0], marginals.variances[$0])
    }
  }

  private static func probability(_ mean: Double, _ variance: Double) -> Double {
    NormalDistribution.probability(below: mean / (1 + variance).squareRoot())
  }

  /// P(it goes together) of each trial's combination, by all other trials.
  var leaveOneOut: [Double] {
    let others = posterior.leaveOneOut
    // In their variance is that of the factor which stands for the trial.
    let own = posterior.noiseVariances
    return started.indices.map {
      Self.probability(others.means[$0], max(others.variances[$0] - own[$0], 0))
    }
  }
}
