import GaussianProcess
import Glibc
import Tuning

/// The probability that a configuration starts, and that it then survives its load: two learned
/// boundaries, since what breaks them differs.
struct FeasibilityModel: Sendable {
  private let memory: MemoryBoundary?
  /// How much the memory model is believed, where a classifier that knows nothing of machines
  /// could be believed instead.
  private let memoryWeight: Double
  private let starting: LaplaceClassifier?
  private let loaded: LaplaceClassifier?

  init(_ observed: ObservedTrials, seed: UInt64) {
    let starting = Labels(.starting, observed)
    loaded = Labels(.loaded, observed).classifier(observed)
    if MemoryBoundary.applies(to: observed.scales) {
      let memory = MemoryBoundary(
        observed.scales, rows: starting.rows, started: starting.labels, seed: seed)
      self.memory = memory
      let probabilities = memory.probabilities(starting.rows)
      let misjudged = zip(probabilities, starting.labels).filter { ($1 ? $0 : 1 - $0) < 0.3 }.count
      memoryWeight = max(0, 1 - 5 * Double(misjudged) / Double(max(starting.labels.count, 10)))
    } else {
      memory = nil
      memoryWeight = 0
    }
    self.starting = memoryWeight < 1 ? starting.classifier(observed) : nil
  }

  /// log P(it can serve) at each point.
  func logProbabilities(at points: Points) -> [Double] {
    var result = [Double](repeating: 0, count: points.count)
    func add(_ probabilities: [Double], weight: Double) {
      for (i, probability) in probabilities.enumerated() {
        result[i] += weight * log(max(probability, 1e-300))
      }
    }
    if let memory, memoryWeight > 0 {
      add(memory.probabilities(points.rows), weight: memoryWeight)
    }
    if let starting {
      add(starting.probabilities(at: points.inputs), weight: 1 - memoryWeight)
    }
    if let loaded { add(loaded.probabilities(at: points.inputs), weight: 1) }
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
