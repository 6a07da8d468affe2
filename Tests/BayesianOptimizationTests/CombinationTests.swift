import BayesianOptimization
import GaussianProcess
import Testing
import Tuning

/// A space in which combinations decide what starts: each engine knows some types of GPU, and splits
/// a model over some numbers of them. 9 of 48 combinations go together, in the manner of published
/// comparisons of engines on accelerators.
@Suite struct CombinationTests {
  private static let speeds = ["mi250": 1.0, "mi300x": 1.6, "a100": 2.4, "h100": 4.0]
  private static let engines: [String: (gpus: Set<String>, counts: Set<Int>, speed: Double)] = [
    "vllm": (["mi250", "mi300x"], [2, 4, 8], 1),
    "tensorrt": (["a100", "h100"], [4], 1.7),
    "deepspeed": (["a100"], [4], 1.1),
  ]

  private static func study(seed: UInt64) throws -> Study {
    let space = try SearchSpace([
      Parameter(
        name: "gpu", domain: try Domain(choices: ["mi250", "mi300x", "a100", "h100"]),
        target: .column),
      Parameter(name: "gpus", domain: try Domain(integers: [1, 2, 4, 8]), target: .column),
      Parameter(
        name: "engine", domain: try Domain(choices: ["deepspeed", "tensorrt", "vllm"]),
        target: .column),
      Parameter(
        name: "batch", domain: try Domain(integers: [1, 4, 16, 32, 64, 128]), target: .column,
        effect: .demand),
    ])
    return try Study(ofThroughputIn: space, trialsMax: 288, seed: seed)
  }

  /// Nil where it can't start.
  private static func rate(_ configuration: Configuration) -> Double? {
    guard let gpu = configuration["gpu"]?.text, let speed = speeds[gpu],
      let engine = engines[configuration["engine"]?.text ?? ""],
      let count = configuration["gpus"]?.magnitude, let batch = configuration["batch"]?.magnitude,
      engine.gpus.contains(gpu), engine.counts.contains(Int(count))
    else { return nil }
    return speed * engine.speed * count * batch / (batch + 24)
  }

  /// Trials until the best configuration was measured.
  private static func trials(seed: UInt64) throws -> Int {
    var study = try study(seed: seed)
    let rates = (0..<study.space.count).map { rate(study.space.configuration(at: $0)) }
    let best = try #require(rates.compactMap { $0 }.max())
    var generator = SeededGenerator(seed: seed, stream: 99)
    while study.trials.count < 144 {
      let configuration = try #require(StudyModel(study).proposals(1).first)
      let rate = rate(configuration)
      let noise = NormalDistribution.draws(1, using: &generator)[0]
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: configuration,
          outcome: rate.map {
            .measured(Measurement(values: [.throughput: $0 * (1 + 0.03 * noise)]))
          } ?? .infeasible(Infeasibility(.exited, .starting, detail: "unknown device"))))
      if let rate, rate >= 0.99 * best { break }
    }
    return study.trials.count
  }

  @Test func `where four of five combinations can't start, the best is found soon`()
    throws
  {
    let trials = try (0..<5 as Range<UInt64>).map(Self.trials).sorted()
    // By chance it takes 144.
    #expect(trials[2] <= 48, "\(trials)")
  }
}
