import GaussianProcess
import Glibc
import Tuning

/// The probability that a configuration starts, and that it then survives its load: two learned
/// boundaries, since what breaks them differs.
struct FeasibilityModel: Sendable {
  private let boundaries: [LaplaceClassifier]

  init(_ observed: ObservedTrials) {
    boundaries = [
      Self.boundary(.starting, observed), Self.boundary(.loaded, observed),
    ].compactMap { $0 }
  }

  /// log P(it can serve) at each point.
  func logProbabilities(at points: Inputs) -> [Double] {
    var result = [Double](repeating: 0, count: points.count)
    for boundary in boundaries {
      for (i, probability) in boundary.probabilities(at: points).enumerated() {
        result[i] += log(max(probability, 1e-300))
      }
    }
    return result
  }

  /// A boundary exists once something has crossed it.
  private static func boundary(
    _ phase: Infeasibility.Phase, _ observed: ObservedTrials
  ) -> LaplaceClassifier? {
    var coordinates: [Double] = []
    var labels: [Bool] = []
    for row in observed.rows {
      switch row.trial.outcome {
      case .pending: continue
      case .measured: labels.append(true)
      case .infeasible(let infeasibility):
        // What never started says nothing of how it bears a load.
        if phase == .loaded, infeasibility.phase == .starting { continue }
        labels.append(infeasibility.phase != phase)
      }
      coordinates += row.coordinates
    }
    guard labels.contains(false) else { return nil }
    let dimensions = observed.dimensions
    return LaplaceClassifier(
      hyperparameters: hyperparameters(dimensions),
      inputs: Inputs(rows: coordinates, dimensions: dimensions), labels: labels,
      priorMean: priorMean)
  }

  /// Before anything is known, most of a space that people write down can serve: Φ(1/√(1+4)) ≈ ⅔.
  private static let priorMean = 1.0

  /// Boundaries are mostly monotone, so the trend gets much of the prior variance. Too few labels
  /// come in for these to be learned.
  private static func hyperparameters(_ dimensions: [Inputs.Dimension]) -> Hyperparameters {
    let prior = HyperparameterPrior(dimensions: dimensions)
    return Hyperparameters(
      logLengthScales: prior.lengthScales.map(\.mean), logSignalVariance: log(2),
      logTrendVariance: log(2), logNoiseVariance: 0)
  }
}
