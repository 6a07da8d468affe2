package import Tuning

extension StressPlan {
  /// The most requests that one window may have: each is kept until the window is over.
  package static let requestsMax = 5_000_000

  /// The most that one may ask for, in requests per second.
  package static let rateMax = Rate(perSecond: 1_000_000)

  /// The bounds that are the stress test's business; nil for others.
  package static func bound(on metric: Metric, _ maximum: Double) -> Constraint? {
    guard (Metric.latencies + Metric.generationTimes + [.errorRate]).contains(metric) else {
      return nil
    }
    return Constraint(metric: metric, maximum: maximum, isHeldByStressTest: true)
  }

  /// Time for three windows; with less, a search says nothing.
  package static let timeBudgetMin = Duration.seconds(5)

  /// Whether one window can hold a load.
  package static func isWithinBounds(_ rate: Rate, for duration: Duration) -> Bool {
    rate.perSecond * duration.seconds <= Double(requestsMax)
  }
}

extension StressPlan: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    /// Without it, the capacity is looked for.
    case rate = "rate_rps"
    case duration = "duration_seconds"
    /// Instead of a rate: users of a closed loop, rates one after another, a rate that changes
    /// from one to another, or recorded arrival times.
    case users = "concurrency"
    case steps = "steps_rps"
    case ramp = "ramp_rps"
    case arrivals = "arrivals_seconds"
    case arrival
    /// Metrics and their bounds, such as `{"latency_p99_ms": 50, "error_rate": 0.001}`.
    case bounds = "slo"
    case warmUp = "warmup_seconds"
    case stepDuration = "step_seconds"
    case timeout = "timeout_seconds"
    case rateMin = "rate_min_rps"
    case rateMax = "rate_max_rps"
    case tolerance
    case timeBudget = "time_budget_seconds"
    case readinessDeadline = "readiness_deadline_seconds"
    case expectedRate = "expected_rate_rps"
    case incumbentRate = "incumbent_rate_rps"
    case stopsEarly = "stops_early"
    case seed
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if case .load(let rate, let duration) = aim {
      try container.encode(rate.perSecond, forKey: .rate)
      try container.encode(duration.seconds, forKey: .duration)
    }
    if case .given(let load) = aim { try Self.encode(load, into: &container) }
    try container.encode(arrival, forKey: .arrival)
    var bounds = [Metric.errorRate.name: limits.errorRateMax]
    for constraint in limits.constraints { bounds[constraint.metric.name] = constraint.maximum }
    try container.encode(bounds, forKey: .bounds)
    try container.encode(warmUp.seconds, forKey: .warmUp)
    try container.encode(stepDuration.seconds, forKey: .stepDuration)
    try container.encode(timeout.seconds, forKey: .timeout)
    try container.encode(rateMin.perSecond, forKey: .rateMin)
    try container.encode(rateMax.perSecond, forKey: .rateMax)
    try container.encode(tolerance, forKey: .tolerance)
    try container.encode(timeBudget.seconds, forKey: .timeBudget)
    try container.encode(readinessDeadline.seconds, forKey: .readinessDeadline)
    try container.encodeIfPresent(expectedRate?.perSecond, forKey: .expectedRate)
    try container.encodeIfPresent(incumbentRate?.perSecond, forKey: .incumbentRate)
    if stopsEarly { try container.encode(true, forKey: .stopsEarly) }
    try container.encode(seed, forKey: .seed)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: Key.self)
    self.init(constraints: try container.bounds(.bounds))
    arrival = try container.decodeIfPresent(ArrivalSchedule.self, forKey: .arrival) ?? arrival
    warmUp = try container.duration(.warmUp, from: 0) ?? warmUp
    stepDuration = try container.duration(.stepDuration) ?? stepDuration
    stepDurationMax = max(stepDurationMax, stepDuration)
    timeout = try container.duration(.timeout) ?? timeout
    timeBudget =
      try container.duration(.timeBudget, from: Self.timeBudgetMin.seconds) ?? timeBudget
    readinessDeadline = try container.duration(.readinessDeadline) ?? readinessDeadline
    tolerance =
      try container.number(.tolerance, in: 0.001...1, "a share from 0.001 to 1 is needed")
      ?? tolerance
    rateMin = try container.rate(.rateMin) ?? rateMin
    rateMax = try container.rate(.rateMax) ?? max(rateMax, rateMin)
    guard rateMin <= rateMax else {
      throw DecodingError.dataCorruptedError(
        forKey: .rateMax, in: container, debugDescription: "below rate_min_rps; give more")
    }
    expectedRate = try container.rate(.expectedRate)
    incumbentRate = try container.rate(.incumbentRate)
    stopsEarly = try container.decodeIfPresent(Bool.self, forKey: .stopsEarly) ?? false
    seed = try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
    if let load = try Self.givenLoad(in: container) { aim = .given(load) }
    guard let rate = try container.rate(.rate) else { return }
    guard aim == .capacity else { throw Self.refusal(.rate, "beside another load", container) }
    let duration = try container.duration(.duration) ?? Self.loadDuration
    guard Self.isWithinBounds(rate, for: duration) else {
      throw DecodingError.dataCorruptedError(
        forKey: .duration, in: container,
        debugDescription: "too many requests; at most \(Self.requestsMax) are possible")
    }
    aim = .load(rate, duration)
  }

  /// How long one load goes on where nothing else is said.
  package static let loadDuration = Duration.seconds(10)
}

// MARK: - Loads that something else than one rate decides on

extension StressPlan {
  private static func encode(
    _ load: GivenLoad, into container: inout KeyedEncodingContainer<Key>
  ) throws {
    switch load {
    case .users(let count, _): try container.encode(count, forKey: .users)
    case .recorded(let arrivals):
      return try container.encode(arrivals.starts.map { Double($0) / 1e9 }, forKey: .arrivals)
    case .shape(let shape):
      let rates = shape.stretches.map(\.from.perSecond)
      if let only = shape.stretches.first, shape.stretches.count == 1, only.from != only.to {
        try container.encode([only.from.perSecond, only.to.perSecond], forKey: .ramp)
      } else {
        try container.encode(rates, forKey: .steps)
      }
    }
    try container.encode(load.duration.seconds, forKey: .duration)
  }

  private static func givenLoad(in container: KeyedDecodingContainer<Key>) throws -> GivenLoad? {
    let duration = try container.duration(.duration) ?? loadDuration
    var loads: [GivenLoad] = []
    if let count = try container.decodeIfPresent(Int.self, forKey: .users) {
      guard (1...usersMax).contains(count) else {
        throw refusal(.users, "\(count); from 1 to \(usersMax) users are possible", container)
      }
      loads.append(.users(count, duration))
    }
    if let rates = try container.rates(.steps) {
      guard !rates.isEmpty else { throw refusal(.steps, "empty; give a rate at least", container) }
      loads.append(.shape(.steps(rates, each: duration / rates.count)))
    }
    if let rates = try container.rates(.ramp) {
      guard rates.count == 2 else { throw refusal(.ramp, "two rates are needed", container) }
      loads.append(.shape(LoadShape([.init(from: rates[0], to: rates[1], duration: duration)])))
    }
    if let seconds = try container.decodeIfPresent([Double].self, forKey: .arrivals) {
      guard seconds.count <= requestsMax, seconds.allSatisfy({ (0...86_400).contains($0) }) else {
        throw refusal(.arrivals, "a time from 0 to 86400 seconds is needed in each", container)
      }
      loads.append(.recorded(RecordedArrivals(starts: seconds.map { Int64($0 * 1e9) })))
    }
    guard let load = loads.first else { return nil }
    guard loads.count == 1 else {
      throw refusal(.duration, "of several loads; give one", container)
    }
    if case .shape(let shape) = load, shape.expected > Double(requestsMax) {
      throw refusal(.duration, "too many requests; at most \(requestsMax) are possible", container)
    }
    return load
  }

  private static func refusal(
    _ key: Key, _ found: String, _ container: KeyedDecodingContainer<Key>
  ) -> DecodingError {
    .dataCorruptedError(forKey: key, in: container, debugDescription: found)
  }

  /// The most users of a closed loop; each has a connection.
  package static let usersMax = 100_000
}

extension KeyedDecodingContainer {
  fileprivate func rate(_ key: Key) throws -> Rate? {
    let range = 0.001...StressPlan.rateMax.perSecond
    return try number(key, in: range, "a rate from 0.001 to 1000000 is needed")
      .map { Rate(perSecond: $0) }
  }

  fileprivate func rates(_ key: Key) throws -> [Rate]? {
    guard let numbers = try decodeIfPresent([Double].self, forKey: key) else { return nil }
    guard numbers.allSatisfy({ (0...StressPlan.rateMax.perSecond).contains($0) }) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "rates from 0 to 1000000 are needed")
    }
    return numbers.map { Rate(perSecond: $0) }
  }

  /// From a millisecond, or less, to a day.
  fileprivate func duration(_ key: Key, from least: Double = 0.001) throws -> Duration? {
    try number(key, in: least...86_400, "from \(least) to 86400 seconds are needed")
      .map { .nanoseconds(Int64(($0 * 1e9).rounded())) }
  }

  fileprivate func bounds(_ key: Key) throws -> [Constraint] {
    let bounds = try decodeIfPresent([String: Double].self, forKey: key) ?? [:]
    return try bounds.sorted { $0.key < $1.key }.map { name, maximum in
      guard let bound = StressPlan.bound(on: Metric(name), maximum), maximum >= 0 else {
        let known = (Metric.latencies + Metric.generationTimes + [.errorRate]).map(\.name).joined(
          separator: ", ")
        throw DecodingError.dataCorruptedError(
          forKey: key, in: self,
          debugDescription:
            "\"\(name)\": \(maximum); a bound from 0 up on one of \(known) is needed")
      }
      return bound
    }
  }
}
