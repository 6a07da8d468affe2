import Tuning

extension Study {
  /// As many requests a second as possible, within a bound on latency where there is one.
  init(
    ofThroughputIn space: SearchSpace, latencyMax: Double? = nil, trialsMax: Int = 40,
    regretTolerance: Share = Share(3, of: 100), seed: UInt64 = 0
  ) throws {
    self.init(
      name: "throughput", space: space,
      objective: Objective(.maximize, try Expression("throughput_rps")),
      constraints: latencyMax.map {
        [Constraint(metric: .latencyP99, maximum: $0, isHeldByStressTest: false)]
      } ?? [],
      limits: SearchLimits(
        trialsMax: trialsMax, regretTolerance: regretTolerance, confidence: Share(90, of: 100)),
      seed: seed)
  }
}
