import ArgumentParser
import BayesianOptimization
import Foundation
import GaussianProcess
import Kubernetes
import Tuning

/// How long the optimizer computes, on one thread, beside the LAPACK calls that it can't do without.
struct SpeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed", abstract: "CPU time of fits, predictions and asks, as JSON.",
    discussion: """
      Prints one JSON object. Times are milliseconds of CPU time, the median of several runs; ratios
      are of times in the same run. The least of a few machines' noise is in the ratios.
      """)

  @Option(help: "Runs of each, of which the median counts.")
  var runs = 5

  func run() throws {
    let dimensions = [Inputs.Dimension](repeating: .ordinal, count: 5)
    var members: [(String, JSONValue)] = [("runs", .integer(runs))]
    for count in [50, 150, 1_000] { members.append(("fit_\(count)", fit(count, dimensions))) }
    for count in [50, 150] { members.append(("ask_720_at_\(count)", try ask(after: count))) }
    members.append(("predict_100000_at_200", predict(100_000, after: 200, dimensions)))
    members.append(("peak_memory_mib", .number(Self.peakMemory)))
    members.append(("ask_100000_at_200", try askInLargeGrid(after: 200)))
    print(JSONText.encode(.object(JSONObject(members))))
  }

  /// One evaluation of the marginal likelihood with its gradient, beside the factorization and the
  /// inverse of a matrix of that size; and a whole fit, up to 150 observations.
  private func fit(_ count: Int, _ dimensions: [Inputs.Dimension]) -> JSONValue {
    let (inputs, values) = Self.observations(count, dimensions)
    let prior = HyperparameterPrior(dimensions: dimensions)
    var likelihood = MarginalLikelihood(inputs, values)
    var covariance = [Double](repeating: 0.5, count: count * count)
    for i in 0..<count { covariance[i * count + i] = 2 }
    let evaluation = time { _ = likelihood.evaluate(prior.mode) }
    let factorization = time {
      _ = Cholesky(lowerTriangle: covariance, count: count)?.inverse.last
    }
    var members: [(String, JSONValue)] = [
      ("evaluation_ms", .number(evaluation)), ("dpotrf_dpotri_ms", .number(factorization)),
      ("ratio", .number(evaluation / factorization)),
    ]
    if count <= 150 {
      let fit = time { _ = Prior.fitted(to: inputs, values, believing: prior) }
      members.append(("fit_ms", .number(fit)))
    }
    return .object(JSONObject(members))
  }

  /// One ask of the optimizer on a made-up service, with all of its fits.
  private func ask(after count: Int) throws -> JSONValue {
    guard let problem = try SyntheticService.named.first?.problem() else { return .null }
    var study = try problem.study(seed: 1, budget: 400)
    var generator = SeededGenerator(seed: 5)
    for cell in (0..<study.space.count).shuffled(using: &generator).prefix(count) {
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: study.space.configuration(at: cell),
          outcome: problem.outcome(of: cell, seed: 1, replicate: 0, noise: 0.03)))
    }
    return .object(
      JSONObject([("ms", .number(time { _ = StudyModel(study).proposals(1) }))]))
  }

  /// One ask in a grid of 100,000: five parameters of ten levels.
  private func askInLargeGrid(after count: Int) throws -> JSONValue {
    let names = (0..<5).map { ParameterName("level_\($0)") }
    let space = try SearchSpace(
      names.map {
        Parameter(
          name: $0, domain: try Domain(numbers: (1...10).map(Double.init)), target: .column)
      })
    var study = Study(
      name: "large", space: space,
      objective: Objective(.maximize, try Expression("throughput_rps")),
      constraints: [Constraint(metric: .latencyP99, maximum: 60, isHeldByStressTest: false)],
      limits: SearchLimits(
        trialsMax: 400, regretTolerance: Share(3, of: 100), confidence: Share(90, of: 100)),
      seed: 1)
    var generator = SeededGenerator(seed: 6)
    let noise = NormalDistribution.draws(2 * count, using: &generator)
    for ordinal in 0..<count {
      let configuration = space.configuration(
        at: Int.random(in: 0..<space.count, using: &generator))
      let x = names.map { configuration[$0]?.magnitude ?? 1 }
      let rate = 100 * min(x[0], 0.6 * x[1] + x[2]) * exp(0.03 * noise[2 * ordinal])
      let latency = (10 + x[3] * x[4] + 20 / x[0]) * exp(0.03 * noise[2 * ordinal + 1])
      study.trials.append(
        Trial(
          ordinal: ordinal, configuration: configuration,
          outcome: .measured(Measurement(values: [.throughput: rate, .latencyP99: latency]))))
    }
    return .object(JSONObject([("ms", .number(time { _ = StudyModel(study).proposals(1) }))]))
  }

  private func predict(
    _ points: Int, after count: Int, _ dimensions: [Inputs.Dimension]
  ) -> JSONValue {
    let (inputs, values) = Self.observations(count, dimensions)
    let (grid, _) = Self.observations(points, dimensions)
    let posterior = Prior(
      hyperparameters: HyperparameterPrior(dimensions: dimensions).mode, dimensions: dimensions
    ).conditioned(on: inputs, values)
    return .object(
      JSONObject([("ms", .number(time { _ = posterior?.marginals(at: grid).means.last }))]))
  }

  private static func observations(
    _ count: Int, _ dimensions: [Inputs.Dimension]
  ) -> (Inputs, [Double]) {
    var generator = SeededGenerator(seed: UInt64(count))
    let rows = (0..<(count * dimensions.count)).map { _ in generator.nextUnit() }
    let noise = NormalDistribution.draws(count, using: &generator)
    let values = (0..<count).map { i -> Double in
      let x = rows[(i * dimensions.count)..<((i + 1) * dimensions.count)]
      let first = x[x.startIndex]
      let rest = x.dropFirst().reduce(0, +)
      return min(3 * first, rest) - 1 + 0.05 * noise[i]
    }
    return (Inputs(rows: rows, dimensions: dimensions), values)
  }

  /// The median, in milliseconds of CPU time, after one run that doesn't count.
  private func time(_ work: () -> Void) -> Double {
    work()
    let times = (0..<max(runs, 1)).map { _ -> Double in
      let start = Self.processorTime
      work()
      return (Self.processorTime - start) * 1e3
    }
    return times.sorted()[times.count / 2]
  }

  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  /// In MiB.
  private static var peakMemory: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_maxrss) / 1_024
  }
}
