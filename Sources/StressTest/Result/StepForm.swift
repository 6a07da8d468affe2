import Tuning

/// A load step in a result: an object, or in the compact form a row of its members in the order of
/// the keys, with errors left out where there are none.
struct StepForm: Codable {
  let step: LoadStep

  init(_ step: LoadStep) { self.step = step }

  private enum Key: String, CodingKey, CaseIterable {
    case offered = "offered_rps"
    case achieved = "achieved_rps"
    case seconds
    case requests
    case mean = "mean_ms"
    case p50 = "p50_ms"
    case p90 = "p90_ms"
    case p95 = "p95_ms"
    case p99 = "p99_ms"
    case max = "max_ms"
    case lower = "p99_lower_ms"
    case upper = "p99_upper_ms"
    case lag = "schedule_lag_p99_ms"
  }

  private enum LastKey: String, CodingKey {
    case holds, errors, generation
    case goodput = "goodput_fraction"
  }

  private func number(_ key: Key) -> Double? {
    switch key {
    case .offered: step.offeredRate
    case .achieved: step.achievedRate
    case .seconds: step.seconds
    case .requests: Double(step.requests)
    case .mean: step.latencies.mean
    case .p50: step.latencies.p50
    case .p90: step.latencies.p90
    case .p95: step.latencies.p95
    case .p99: step.latencies.p99
    case .max: step.latencies.max
    case .lower: step.latencyP99Interval?.lower
    case .upper: step.latencyP99Interval?.upper
    case .lag: step.scheduleLagP99
    }
  }

  func encode(to encoder: any Encoder) throws {
    guard encoder.userInfo[.stepsAsRows] as? Bool ?? false else {
      var container = encoder.container(keyedBy: Key.self)
      for key in Key.allCases { try container.encode(number(key), forKey: key) }
      var last = encoder.container(keyedBy: LastKey.self)
      try last.encode(step.holds, forKey: .holds)
      try last.encode(step.errors, forKey: .errors)
      try last.encodeIfPresent(step.generation, forKey: .generation)
      try last.encodeIfPresent(step.goodput, forKey: .goodput)
      return
    }
    var row = encoder.unkeyedContainer()
    for key in Key.allCases { try row.encode(number(key)) }
    try row.encode(step.holds)
    if !step.errors.isEmpty { try row.encode(step.errors) }
  }

  init(from decoder: any Decoder) throws {
    var numbers: [Key: Double] = [:]
    let holds: Bool
    let errors: [String: Int]
    var (generation, goodput): (LoadStep.Generation?, Double?)
    if var row = try? decoder.unkeyedContainer() {
      for key in Key.allCases { numbers[key] = try row.decode(Double?.self) }
      holds = try row.decode(Bool.self)
      errors = row.isAtEnd ? [:] : try row.decode([String: Int].self)
    } else {
      let container = try decoder.container(keyedBy: Key.self)
      for key in Key.allCases { numbers[key] = try container.decode(Double?.self, forKey: key) }
      let last = try decoder.container(keyedBy: LastKey.self)
      holds = try last.decode(Bool.self, forKey: .holds)
      errors = try last.decode([String: Int].self, forKey: .errors)
      generation = try last.decodeIfPresent(LoadStep.Generation.self, forKey: .generation)
      goodput = try last.decodeIfPresent(Double.self, forKey: .goodput)
    }
    func number(_ key: Key) throws -> Double {
      guard let number = numbers[key] else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "\(key.rawValue) is null"))
      }
      return number
    }
    guard let requests = Int(exactly: try number(.requests)) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "requests is no whole number"))
    }
    var interval: Interval?
    if let lower = numbers[.lower], let upper = numbers[.upper] {
      interval = Interval(lower: lower, upper: upper)
    }
    var step = LoadStep(
      offeredRate: Rate(perSecond: try number(.offered)),
      achievedRate: Rate(perSecond: try number(.achieved)), seconds: try number(.seconds),
      requests: requests, errors: errors,
      latencies: LoadStep.Latencies(
        mean: try number(.mean), p50: try number(.p50), p90: try number(.p90),
        p95: try number(.p95), p99: try number(.p99), max: try number(.max)),
      latencyP99Interval: interval, scheduleLagP99: try number(.lag), holds: holds)
    (step.generation, step.goodput) = (generation, goodput)
    self.step = step
  }
}

extension LoadStep {
  /// The same from numbers in the units in which it keeps them, exactly.
  fileprivate init(
    offeredRate: Rate, achievedRate: Rate, seconds: Double, requests: Int, errors: [String: Int],
    latencies: Latencies, latencyP99Interval: Interval?, scheduleLagP99: Double, holds: Bool
  ) {
    self.init(
      offeredRate: offeredRate, achievedRate: achievedRate, duration: .zero, requests: requests,
      errors: errors, latencies: latencies, latencyP99Interval: latencyP99Interval,
      scheduleLagP99: .zero, holds: holds)
    self.seconds = seconds
    self.scheduleLagP99 = scheduleLagP99
  }
}
