import ArgumentParser
import Foundation
import Tuning

/// Whether all measurements of a problem are equally noisy.
enum NoiseKind: String, ExpressibleByArgument {
  case even
  /// From a third of the noise to three times as much, cell by cell; each measurement says how much,
  /// as a stress test does.
  case told
  /// The same, and nobody says so.
  case untold
}

extension BenchmarkProblem {
  func outcome(
    of cell: Int, seed: UInt64, replicate: Int, noise: Double, kind: NoiseKind
  ) -> Outcome {
    guard kind != .even else {
      return outcome(of: cell, seed: seed, replicate: replicate, noise: noise)
    }
    var generator = SeededGenerator(seed: SeededGenerator.seed(of: "\(name)|\(cell)|noise"))
    let own = noise * pow(3, 2 * generator.nextUnit() - 1)
    let outcome = outcome(of: cell, seed: seed, replicate: replicate, noise: own)
    guard kind == .told, case .measured(var measurement) = outcome else { return outcome }
    for metric in metrics where !exact.contains(metric) { measurement.noise[metric] = own }
    return .measured(measurement)
  }
}

extension Study {
  /// What is left of a measurement where the stress test ends as soon as it is clear that the
  /// objective is more than a fifth worse than the incumbent's, as `rateToBeat` has it: that the
  /// throughput is at most the one it would have needed. Of an objective that is proportional to it.
  func cuttingEarly(_ outcome: Outcome, at configuration: Configuration) -> Outcome {
    guard case .measured(var measurement) = outcome,
      let best = incumbent.flatMap(feasibleObjective),
      let value = objectiveValue(of: measurement, at: configuration),
      let throughput = measurement[.throughput], value > 0, value < 0.8 * best
    else { return outcome }
    measurement.values[SyntheticService.latency] = nil
    measurement.values[.throughput] = throughput * 0.8 * best / value
    measurement.censored[.throughput] = .atMost
    measurement.noise[.throughput] = nil
    return .measured(measurement)
  }
}
