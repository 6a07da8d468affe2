import ArgumentParser
import BayesianOptimization
import CLAPACK
import Foundation
import GaussianProcess
import Kubernetes
import Tuning

/// What a proposal and a fit cost, as a line of JSON.
struct SpeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed",
    abstract: "Processor time of proposals and fits, in milliseconds on one thread.",
    discussion: "Rivals/speed.py does the same work with other libraries in the same run.")

  @Option(help: "Repetitions, of which the median is taken.")
  var repeats = 7

  func run() throws {
    var result = JSONObject()
    for trials in [50, 150] {
      result["ask_720_\(trials)"] = .number(try ask(trials))
    }
    result["ask_100000_200"] = .number(try askLarge())
    let (fit, linearAlgebra) = try fit(1_000)
    result["gradient_1000"] = .number(fit)
    result["factor_and_invert_1000"] = .number(linearAlgebra)
    result["peak_mib"] = .number(Self.peakMemory)
    print(JSONText.encode(.object(result)))
  }

  private func ask(_ trials: Int) throws -> Double {
    let problem = try SyntheticService.drawn(4, seed: 1)[0].problem()
    var study = try problem.study(seed: 1, budget: 144)
    var generator = SeededGenerator(seed: 3)
    for cell in (0..<problem.count).shuffled(using: &generator).prefix(trials) {
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: study.space.configuration(at: cell),
          outcome: problem.outcome(of: cell, seed: 1, replicate: 0, noise: 0.03)))
    }
    return median { _ = StudyModel(study).proposals(1) }
  }

  /// Five parameters of ten levels; throughput and latency by a formula.
  private func askLarge() throws -> Double {
    let space = try SearchSpace(
      try (0..<5).map {
        Parameter(
          name: ParameterName("p\($0)"), domain: try Domain(numbers: (1...10).map(Double.init)),
          target: .column)
      })
    var study = Study(
      name: "large", space: space,
      objective: Objective(.maximize, try Expression("throughput_rps")),
      constraints: [Constraint(metric: .latencyP99, maximum: 60, isHeldByStressTest: false)],
      limits: SearchLimits(
        trialsMax: 1_000, regretTolerance: Share(3, of: 100), confidence: Share(90, of: 100)),
      seed: 1)
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      let cell = Int(generator.next() % UInt64(space.count))
      let x = space.configuration(at: cell).assignments.map { $0.level.magnitude ?? 1 }
      let rate = 100 * x[0] / (x[0] + x[1]) * log(1 + x[2])
      study.trials.append(
        Trial(
          ordinal: study.trials.count, configuration: space.configuration(at: cell),
          outcome: .measured(
            Measurement(values: [.throughput: rate, .latencyP99: 5 * x[3] + x[4] * x[2]]))))
    }
    return median(of: 3) { _ = StudyModel(study).proposals(1) }
  }

  /// One evaluation of the marginal likelihood with its gradient; and the factorization and the
  /// inverse of a matrix of that size alone.
  private func fit(_ n: Int) throws -> (fit: Double, linearAlgebra: Double) {
    var generator = SeededGenerator(seed: 7)
    let dimensions = [Inputs.Dimension](repeating: .ordinal, count: 5)
    let inputs = Inputs(
      rows: (0..<(5 * n)).map { _ in generator.nextUnit() }, dimensions: dimensions)
    let values = (0..<n).map { _ in generator.nextUnit() }
    let hyperparameters = HyperparameterPrior(dimensions: dimensions).mode
    var likelihood = MarginalLikelihood(inputs, values)
    let fit = median { _ = likelihood.evaluate(hyperparameters) }
    var matrix = [Double](repeating: 0.5, count: n * n)
    for i in 0..<n { matrix[i * n + i] = 2 }
    let lower = CChar(UInt8(ascii: "L"))
    let linearAlgebra = median {
      var copy = matrix
      LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, lower, Int32(n), &copy, Int32(n))
      LAPACKE_dpotri_work(LAPACK_COL_MAJOR, lower, Int32(n), &copy, Int32(n))
    }
    return (fit, linearAlgebra)
  }

  private func median(of count: Int? = nil, _ work: () -> Void) -> Double {
    (0..<(count ?? repeats)).map { _ in
      let start = SearchRun.processorTime()
      work()
      return SearchRun.processorTime() - start
    }.median
  }

  /// MiB, as the kernel counts it.
  private static var peakMemory: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return Double(line.filter(\.isNumber)).map { $0 / 1_024 } ?? .nan
  }
}
