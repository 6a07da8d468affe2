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
  /// Of answers that were generated; nil where none was.
  package var generation: GenerationEstimates?
  /// CPU time that the generator spent in the whole test.
  package var clientCPU: Duration
  /// Load that doesn't count: before the first window, and what was found in the data to be
  /// unsteady at the beginning of those that are reported.
  package var warmUp: Duration
  /// How far the numbers can be trusted.
  package var quality: ResultQuality
  /// What the candidate used since it was started, to the millisecond; empty where the platform
  /// can't tell.
  package var usage: Candidate.Usage

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
    generation = .mean(
      of: record.reported.map { ($0.summary.generation, Double($0.summary.step.requests)) })
    clientCPU = record.generatorCPU
    let found = record.reported.map(\.summary.warmUpSeconds).max() ?? 0
    warmUp = record.warmUp + .nanoseconds(Int64(found * 1e9))
    quality = ResultQuality(record.reported.map(\.summary.quality))
    usage = record.usage
    usage.cpu = usage.cpu?.roundedToMilliseconds
    usage.throttled = usage.throttled?.roundedToMilliseconds
  }

  /// Whether the generator vouches for the numbers.
  package var verdict: Measurement.Verdict { outcome.measurement?.verdict ?? .sound }

  /// Every load that was tried, in order.
  package var steps: [LoadStep] { outcome.measurement?.loadSteps ?? [] }
}
