import GaussianProcess
import Tuning

/// A service of 720 configurations in the shape of the Morphling paper's: cores, GPU memory, batch
/// size and GPU type; the rate per cost under an out-of-memory region and a latency limit.
///
/// With cores c, memory m (GiB), batch b and a GPU of speed s and price p:
///
///     rate    = min(90 c, s · 400 b / (b + 12))           the plateau moves between bottlenecks
///     p99     = 1000 · b / rate + 20 + 6 b / s            milliseconds
///     cost    = 0.2 + 0.04 c + p · m / 16
///     memory  = 0.8 + 0.06 b > m                          never starts
struct SyntheticService {
  static let gpus: [String: (speed: Double, price: Double)] = [
    "T4": (1, 0.4), "M60": (0.6, 0.4), "V100": (3, 2.6),
  ]
  static let latencyMax = 250.0

  let space: SearchSpace

  /// - Parameter rolesAreKnown: whether it is known beforehand what cores and batches do.
  init(rolesAreKnown: Bool = false) throws {
    space = try SearchSpace([
      Parameter(
        name: "cores", domain: try Domain(integers: 1...5, step: 1), target: .column,
        role: rolesAreKnown ? .computing : .unknown),
      Parameter(
        name: "memory", domain: try Domain(numbers: [1, 2, 3, 4, 6, 8]), target: .column,
        effect: .supply),
      Parameter(
        name: "batch", domain: try Domain(integers: [1, 2, 4, 8, 16, 32, 64, 128]),
        target: .column, effect: .demand, role: rolesAreKnown ? .workAtOnce : .unknown),
      Parameter(name: "gpu", domain: try Domain(choices: ["T4", "M60", "V100"]), target: .column),
    ])
  }

  /// The noise-free outcome.
  func outcome(_ configuration: Configuration) -> Outcome {
    let numbers = ["cores", "memory", "batch"].map {
      configuration[ParameterName($0)]?.magnitude ?? .nan
    }
    let (cores, memory, batch) = (numbers[0], numbers[1], numbers[2])
    let gpu = Self.gpus[configuration["gpu"]?.text ?? ""] ?? (.nan, .nan)
    guard 0.8 + 0.06 * batch <= memory else {
      return .infeasible(Infeasibility(.outOfMemory, .starting, detail: "by the formula"))
    }
    let rate = min(90 * cores, gpu.speed * 400 * batch / (batch + 12))
    return .measured(
      Measurement(values: [
        .throughput: rate,
        .latencyP99: 1_000 * batch / rate + 20 + 6 * batch / gpu.speed,
        "price": 0.2 + 0.04 * cores + gpu.price * memory / 16,
      ]))
  }

  /// The outcome with lognormal noise on what a stress test would measure.
  func outcome(
    _ configuration: Configuration, noise: Double, using generator: inout SeededGenerator
  ) -> Outcome {
    guard case .measured(var measurement) = outcome(configuration) else {
      return outcome(configuration)
    }
    for metric in [Metric.throughput, .latencyP99] {
      let z = NormalDistribution.draws(1, using: &generator)[0]
      // exp(x) ≈ 1 + x + x²/2 for the few percent that noise is.
      measurement.values[metric]? *= 1 + noise * z + noise * noise * z * z / 2
    }
    return .measured(measurement)
  }

  func study(seed: UInt64, trialsMax: Int = 144) throws -> Study {
    Study(
      name: "synthetic", space: space,
      objective: Objective(.maximize, try Expression("throughput_rps / price")),
      constraints: [
        Constraint(metric: .latencyP99, maximum: Self.latencyMax, isHeldByStressTest: false)
      ],
      limits: SearchLimits(
        trialsMax: trialsMax, regretTolerance: Share(3, of: 100), confidence: Share(90, of: 100)),
      seed: seed)
  }

  /// The true objective; nil where the configuration is truly infeasible.
  func truth(_ configuration: Configuration, _ study: Study) -> Double? {
    study.feasibleObjective(
      of: Trial(ordinal: 0, configuration: configuration, outcome: outcome(configuration)))
  }
}
