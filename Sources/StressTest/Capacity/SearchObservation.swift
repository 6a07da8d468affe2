import Glibc
package import Tuning

extension CapacitySearch {
  /// What the search learns from a window.
  package struct Observation: Sendable {
    package let step: LoadStep
    /// For each of the limits' bounds on single requests.
    package let exceedances: [Exceedances]
    /// How many requests say as much as one independent one.
    package let inflation: Double
    /// What the window's stop rule was certain of.
    package let conclusion: SequentialVerdict.Conclusion
    package let isSaturated: Bool
    package let wasGeneratorBottleneck: Bool
    /// How long load was sent.
    package let seconds: Double
    private let mean: Estimate

    package init(_ summary: LoadStepSummary) {
      step = summary.step
      exceedances = summary.exceedances
      inflation = summary.inflation
      conclusion = summary.conclusion
      isSaturated = summary.isSaturated
      wasGeneratorBottleneck = summary.quality.wasGeneratorBottleneck
      seconds = summary.windowSeconds
      mean = summary.latencies.mean
    }

    /// A window of which no more is known than its step: as many requests exceeded each bound as
    /// the step's quantile says.
    package init(_ step: LoadStep, limits: LoadLimits) {
      self.step = step
      exceedances = limits.requestBounds.map { bound in
        let errors = step.errors.values.reduce(0, +)
        let late = step.latencies.p99 > bound.maximum ? 5 * bound.share : 0.2 * bound.share
        return Exceedances(
          bound, count: bound.measure == .failure ? errors : Int(late * Double(step.requests)),
          of: step.requests)
      }
      inflation = 1
      conclusion = .undecided
      isSaturated = step.achievedRate < LoadLimits.achievedShareMin * step.offeredRate
      wasGeneratorBottleneck = false
      seconds = step.seconds
      mean = Estimate(value: step.latencies.mean)
    }

    func window(
      at rate: Rate, inflations: [Double], ofHalves: [Double], _ limits: LoadLimits
    ) -> EdgePosterior.Window {
      let others = limits.constraints.filter { $0.metric.exceedanceShare == nil }
      return EdgePosterior.Window(
        rate: rate.perSecond, exceedances: exceedances, inflations: inflations,
        inflationsOfHalves: ofHalves,
        excesses: others.map { excess(over: $0) },
        overload: isSaturated
          ? EdgePosterior.Overload(
            offered: step.offeredRate, achieved: step.achievedRate, requests: step.requests)
          : nil)
    }

    /// What isn't known says nothing.
    private func excess(over constraint: Constraint) -> (Double, Double) {
      let bound = log(max(constraint.maximum, 1e-9))
      if constraint.metric == .latencyMean {
        let (value, deviation) = logarithm(of: mean)
        return (value - bound, deviation)
      }
      guard let value = step.latency(constraint.metric), value > 0 else { return (0, .infinity) }
      return (log(value) - bound, 0.3)
    }

    /// With its standard deviation, from the 95 % interval.
    private func logarithm(of mean: Estimate) -> (Double, Double) {
      let value = log(max(mean.value ?? 0, 1e-9))
      guard let lower = mean.lower, let upper = mean.upper, lower > 0, upper > lower else {
        return (value, 0.3)
      }
      return (value, max(log(upper / lower) / 3.92, 0.02))
    }
  }
}
