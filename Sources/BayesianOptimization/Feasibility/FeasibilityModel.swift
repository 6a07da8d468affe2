import GaussianProcess
import Glibc
import Tuning

/// The probability that a configuration starts, and that it then survives its load: two learned
/// boundaries, since what breaks them differs.
struct FeasibilityModel: Sendable {
  private let starting: StartBoundary
  private let loaded: LaplaceClassifier?

  init(_ observed: ObservedTrials, seed: UInt64) {
    let labels = Labels(.starting, observed)
    starting = StartBoundary(
      observed, rows: labels.rows, started: labels.labels, likeness: labels.classifier(observed),
      seed: seed)
    loaded = Labels(.loaded, observed).classifier(observed)
  }

  /// log P(it can serve) at each point.
  func logProbabilities(at points: Points) -> [Double] {
    var result = starting.logProbabilities(at: points)
    if let loaded {
      for (i, probability) in loaded.probabilities(at: points.inputs).enumerated() {
        result[i] += log(max(probability, 1e-300))
      }
    }
    return result
  }

  /// What is known of one boundary.
  private struct Labels {
    var rows: [Double] = []
    var labels: [Bool] = []

    init(_ phase: Infeasibility.Phase, _ observed: ObservedTrials) {
      for row in observed.rows {
        switch row.trial.outcome {
        case .pending: continue
        case .measured: labels.append(true)
        case .infeasible(let infeasibility):
          // That no machine had room says nothing of the candidate: `Pruning` heeds it.
          if infeasibility.scarceResources != nil { continue }
          // What never started says nothing of how it bears a load.
          if phase == .loaded, infeasibility.phase == .starting { continue }
          labels.append(infeasibility.phase != phase)
        }
        rows += row.coordinates
      }
    }

    /// A boundary exists once something has crossed it.
    func classifier(_ observed: ObservedTrials) -> LaplaceClassifier? {
      guard labels.contains(false) else { return nil }
      return LaplaceClassifier(
        hyperparameters: FeasibilityModel.hyperparameters(observed.dimensions),
        inputs: Inputs(rows: rows, dimensions: observed.dimensions), labels: labels,
        priorMean: FeasibilityModel.priorMean)
    }
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
