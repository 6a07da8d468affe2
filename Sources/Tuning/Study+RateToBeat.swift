extension Study {
  /// The rate that a configuration must sustain to come near the incumbent: one that doesn't needs no
  /// exact number. A fifth is left, so that rivals of the incumbent are measured to the end.
  ///
  /// Nil where there is no incumbent, and where the objective isn't the throughput's with what is
  /// known without measuring (cost, levels), rising with it.
  package func rateToBeat(with configuration: Configuration) -> Rate? {
    guard furtherObjectives.isEmpty, objective.direction == .maximize, let incumbent,
      let best = feasibleObjective(of: incumbent), best > 0,
      let throughput = incumbent.measurement?[.throughput], throughput > 0
    else { return nil }
    func value(at rate: Double) -> Double? {
      objective.expression.value { name in
        name == Metric.throughput.name ? rate : knownValue(of: name, at: configuration)
      }
    }
    let needed = best * Self.shareToBeat
    var (low, high) = (throughput / Self.rateReach, throughput * Self.rateReach)
    guard let least = value(at: low), let most = value(at: high), least < needed, needed < most
    else { return nil }
    for _ in 0..<Self.halvings {
      let middle = (low * high).squareRoot()
      guard let found = value(at: middle) else { return nil }
      if found < needed { low = middle } else { high = middle }
    }
    return Rate(perSecond: low)
  }

  private static let shareToBeat = 0.8
  private static let rateReach = 1_000.0
  /// Of six decades: to a ten-thousandth.
  private static let halvings = 18
}
