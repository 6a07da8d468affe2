package import Tuning

/// What a stress test reports: the outcome of a trial, and what the generator knows beside it.
///
/// The numbers are those of the windows at the greatest load that held, or of the one load that
/// was asked for.
package struct StressResult: Hashable, Sendable {
  package var outcome: Outcome
  /// The greatest rate that held, or the rate of right answers to the one load; nil where there is
  /// none.
  package var throughput: Rate?
  /// The load that the numbers belong to; nil where none was sent.
  package var offered: Rate?
  /// From the intended start.
  package var latency: LatencyEstimates
  /// From when the generator really sent: what its own lag did not touch.
  package var uncorrectedLatency: LatencyEstimates
  /// Requests without a right answer, by kind.
  package var errors: [String: Int]
  package var scheduleLag: ScheduleLag
  /// CPU time that the generator spent in the whole test.
  package var clientCPU: Duration
  /// Load that doesn't count: before the first window, and what was found in the data to be
  /// unsteady at the beginning of those that are reported.
  package var warmUp: Duration

  init(_ outcome: Outcome, _ record: TestRecord) {
    self.outcome = outcome
    let steps = record.reported.map(\.summary.step)
    let seconds = steps.reduce(0) { $0 + $1.seconds }
    func mean(_ rate: (LoadStep) -> Double) -> Rate? {
      guard seconds > 0 else { return nil }
      return Rate(perSecond: steps.reduce(0) { $0 + rate($1) * $1.seconds } / seconds)
    }
    throughput = outcome.measurement?[.throughput].map { Rate(perSecond: $0) }
    if record.aim != .capacity { throughput = throughput ?? mean(\.achievedRate) }
    offered = mean(\.offeredRate)
    latency = .mean(
      of: record.reported.map { ($0.summary.latencies, Double($0.summary.step.requests)) })
    uncorrectedLatency = .mean(
      of: record.reported.map {
        ($0.summary.uncorrectedLatencies, Double($0.summary.step.requests))
      })
    errors = steps.reduce(into: [:]) { $0.merge($1.errors, uniquingKeysWith: +) }
    scheduleLag = ScheduleLag(worstOf: record.reported.map(\.summary.scheduleLag))
    clientCPU = record.generatorCPU
    let found = record.reported.map(\.summary.warmUpSeconds).max() ?? 0
    warmUp = record.warmUp + .nanoseconds(Int64(found * 1e9))
  }

  /// Whether the generator vouches for the numbers.
  package var verdict: Measurement.Verdict { outcome.measurement?.verdict ?? .sound }

  /// Every load that was tried, in order.
  package var steps: [LoadStep] { outcome.measurement?.loadSteps ?? [] }
}

extension Outcome {
  /// What was measured, be it before it failed.
  package var measurement: Measurement? {
    get {
      switch self {
      case .pending: nil
      case .measured(let measurement): measurement
      case .infeasible(let infeasibility): infeasibility.measurement
      }
    }
    set {
      switch self {
      case .pending: break
      case .measured: if let newValue { self = .measured(newValue) }
      case .infeasible(var infeasibility):
        infeasibility.measurement = newValue
        self = .infeasible(infeasibility)
      }
    }
  }
}
