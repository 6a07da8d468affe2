import GaussianProcess
import Glibc
import Tuning

/// The probability that a configuration starts, by up to three theories of what decides that: memory
/// that is enough, memory and combinations of choices that go together, or nothing but likeness to what
/// was tried.
///
/// Each counts by how well it foretells every trial from all others: weights in proportion to
/// exp Σ log p(yᵢ | y₋ᵢ), times what it is trusted with beforehand (pseudo-BMA: Y. Yao et al., "Using
/// stacking to average Bayesian predictive distributions", *Bayesian Analysis* 13, 2018, section 3.4).
struct StartBoundary: Sendable {
  private let theories: [(theory: Theory, weight: Double)]

  private enum Theory: Sendable {
    case memory(MemoryBoundary)
    case combinations(CombinationBoundary, MemoryBoundary?)
    case likeness(LaplaceClassifier)

    func probabilities(at points: Points) -> [Double] {
      switch self {
      case .memory(let memory): return memory.probabilities(points.rows)
      case .likeness(let classifier): return classifier.probabilities(at: points.inputs)
      case .combinations(let combinations, let memory):
        let together = combinations.probabilities(at: points.inputs)
        guard let memory else { return together }
        return zip(together, memory.probabilities(points.rows)).map { $0 * $1 }
      }
    }
  }

  /// - Parameter likeness: nil while nothing failed.
  init(
    _ observed: ObservedTrials, rows: [Double], started: [Bool], likeness: LaplaceClassifier?,
    seed: UInt64
  ) {
    let trials = Trials(observed: observed, rows: rows, started: started, seed: seed)
    let hasSupply = observed.scales.effects.contains(.supply)
    let trust = hasSupply ? Self.trustInMemory : Self.trustInDemand
    var theories: [(theory: Theory, logWeight: Double)] = []
    var isEnough = likeness == nil
    if let memory = trials.memory() {
      let score = trials.logScore(memory.leaveOneOut)
      theories.append((.memory(memory), log(trust) + score))
      isEnough = isEnough || score > Double(started.count) * Self.logEnough
    }
    if !isEnough, let likeness {
      let logTrust = log((1 - trust) / 2)
      theories.append((.likeness(likeness), logTrust + likeness.logLeaveOneOut.reduce(0, +)))
      if let found = trials.combinations() {
        theories.append((.combinations(found.0, found.1), logTrust + found.logScore))
      }
    }
    let top = theories.map(\.logWeight).max() ?? 0
    let weights = theories.map { exp($0.logWeight - top) }.map { $0 < Self.weightMin ? 0 : $0 }
    let total = weights.reduce(0, +)
    self.theories = zip(theories, weights).filter { $0.1 > 0 }.map { ($0.theory, $1 / total) }
  }

  /// What applies to all machines is much likelier than what was made up for this one; but where memory
  /// can't be chosen, it seldom decides alone.
  private static let trustInMemory = 0.95
  private static let trustInDemand = 0.5
  /// Where memory foretells trials as well as this, nothing else is asked.
  private static let logEnough = log(0.85)
  /// What counts less isn't worth its time.
  private static let weightMin = 0.01

  /// log P(it starts) at each point.
  func logProbabilities(at points: Points) -> [Double] {
    var result = [Double](repeating: theories.isEmpty ? 1 : 0, count: points.count)
    for (theory, weight) in theories {
      for (i, probability) in theory.probabilities(at: points).enumerated() {
        result[i] += weight * probability
      }
    }
    return result.map { log(max($0, 1e-300)) }
  }
}

/// What became of the trials so far, and theories of it.
private struct Trials {
  let observed: ObservedTrials
  let rows: [Double]
  let started: [Bool]
  let seed: UInt64

  func memory(together: [Double]? = nil) -> MemoryBoundary? {
    guard MemoryBoundary.applies(to: observed.scales) else { return nil }
    return MemoryBoundary(
      observed.scales, rows: rows, started: started, together: together, seed: seed)
  }

  /// - Parameter chances: P(it starts) of each trial by all others.
  func logScore(_ chances: [Double]) -> Double {
    zip(started, chances).reduce(0) { $0 + log(max($1.0 ? $1.1 : 1 - $1.1, 1e-300)) }
  }

  /// Which combinations go together depends on which failures memory accounts for, and the other way
  /// round: each is learned given the other, beginning with what memory usually is.
  func combinations() -> (CombinationBoundary, MemoryBoundary?, logScore: Double)? {
    let inputs = Inputs(rows: rows, dimensions: observed.dimensions)
    let usual =
      MemoryBoundary.applies(to: observed.scales)
      ? MemoryBoundary(observed.scales, rows: [], started: [], seed: seed) : nil
    var enough = usual?.probabilities(rows) ?? [Double](repeating: 1, count: started.count)
    var memory: MemoryBoundary?
    for _ in 0..<Self.rounds {
      guard
        let combinations = CombinationBoundary(
          observed.scales, inputs, started: started, enough: enough)
      else { return nil }
      let together = combinations.leaveOneOut
      memory = self.memory(together: together)
      let alone = memory?.leaveOneOut
      if let alone { enough = alone }
    }
    guard
      let combinations = CombinationBoundary(
        observed.scales, inputs, started: started, enough: enough)
    else { return nil }
    let chances = zip(combinations.leaveOneOut, enough).map { $0 * $1 }
    return (combinations, memory, logScore(chances))
  }

  private static let rounds = 2
}
