import Tuning

extension StressResult: Codable {
  private enum Key: String, CodingKey {
    case version
    case outcome
    case throughput = "throughput_rps"
    case offered = "offered_rps"
    case latency = "latency_ms"
    case uncorrectedLatency = "latency_uncorrected_ms"
    case errors
    case scheduleLag = "schedule_lag_ms"
    case clientCPU = "client_cpu_seconds"
    case warmUp = "warmup_seconds"
    case verdict, quality
    case usage = "resources"
    case steps
    case generation
  }

  /// The verdict as readers want it; the outcome has it too.
  private struct VerdictForm: Encodable {
    let sound: Bool
    /// False where the generator was the bottleneck.
    let usable: Bool
    let reasons: [String]

    init(_ verdict: Measurement.Verdict) {
      switch verdict {
      case .sound: (sound, usable, reasons) = (true, true, [])
      case .doubtful(let reasons): (sound, usable, self.reasons) = (false, true, reasons)
      case .unusable(let reasons): (sound, usable, self.reasons) = (false, false, reasons)
      }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.formatVersion, forKey: .version)
    var bare = outcome
    bare.measurement?.loadSteps = []
    try container.encode(bare, forKey: .outcome)
    try container.encode(throughput?.perSecond, forKey: .throughput)
    try container.encode(offered?.perSecond, forKey: .offered)
    try container.encode(latency, forKey: .latency)
    try container.encode(uncorrectedLatency, forKey: .uncorrectedLatency)
    try container.encode(errors, forKey: .errors)
    try container.encode(scheduleLag, forKey: .scheduleLag)
    try container.encodeIfPresent(generation, forKey: .generation)
    try container.encode(clientCPU.wholeNanoseconds / 1e9, forKey: .clientCPU)
    try container.encode(warmUp.wholeNanoseconds / 1e9, forKey: .warmUp)
    try container.encode(VerdictForm(verdict), forKey: .verdict)
    try container.encode(quality, forKey: .quality)
    try container.encode(usage, forKey: .usage)
    try container.encode(steps.map(StepForm.init), forKey: .steps)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .version)
    guard version == Self.formatVersion else {
      throw DecodingError.dataCorruptedError(
        forKey: .version, in: container, debugDescription: "version \(version)")
    }
    outcome = try container.decode(Outcome.self, forKey: .outcome)
    outcome.measurement?.loadSteps =
      try container.decode([StepForm].self, forKey: .steps).map(\.step)
    throughput = try container.decode(Double?.self, forKey: .throughput).map(Rate.init)
    offered = try container.decode(Double?.self, forKey: .offered).map(Rate.init)
    latency = try container.decode(LatencyEstimates.self, forKey: .latency)
    uncorrectedLatency = try container.decode(LatencyEstimates.self, forKey: .uncorrectedLatency)
    errors = try container.decode([String: Int].self, forKey: .errors)
    scheduleLag = try container.decode(ScheduleLag.self, forKey: .scheduleLag)
    generation = try container.decodeIfPresent(GenerationEstimates.self, forKey: .generation)
    clientCPU = try container.decodeSeconds(forKey: .clientCPU)
    warmUp = try container.decodeSeconds(forKey: .warmUp)
    // Results of earlier versions have neither.
    quality = try container.decodeIfPresent(ResultQuality.self, forKey: .quality) ?? .init()
    usage = try container.decodeIfPresent(Candidate.Usage.self, forKey: .usage) ?? .init()
  }
}

extension KeyedDecodingContainer {
  /// A duration from 0 up to a century, to the nanosecond.
  fileprivate func decodeSeconds(forKey key: Key) throws -> Duration {
    let seconds = try decode(Double.self, forKey: key)
    guard (0..<3e9).contains(seconds) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(seconds) seconds")
    }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }
}

extension Duration {
  /// Divided by a billion, the number of seconds with the fewest digits.
  fileprivate var wholeNanoseconds: Double {
    Double(components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
  }
}
