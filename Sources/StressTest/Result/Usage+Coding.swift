import Tuning

extension Candidate.Usage: Codable {
  private enum Key: String, CodingKey {
    case cpu = "cpu_seconds"
    case memoryPeak = "memory_peak_bytes"
    case throttled = "throttled_seconds"
    case outOfMemoryKills = "oom_kills"
    case gpuMemory = "gpu_memory_bytes"
    case gpuUtilization = "gpu_utilization"
  }

  /// What the platform can't tell is null, never 0.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(cpu?.roundedSeconds, forKey: .cpu)
    try container.encode(memoryPeak?.bytes, forKey: .memoryPeak)
    try container.encode(throttled?.roundedSeconds, forKey: .throttled)
    try container.encode(outOfMemoryKills, forKey: .outOfMemoryKills)
    try container.encode(gpuMemoryPeak?.bytes, forKey: .gpuMemory)
    try container.encode(gpuUtilization?.fraction, forKey: .gpuUtilization)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      memoryPeak: try container.decodeIfPresent(Int64.self, forKey: .memoryPeak)
        .map { ByteCount($0) },
      cpu: try container.secondsIfPresent(.cpu),
      throttled: try container.secondsIfPresent(.throttled),
      outOfMemoryKills: try container.decodeIfPresent(Int.self, forKey: .outOfMemoryKills),
      gpuMemoryPeak: try container.decodeIfPresent(Int64.self, forKey: .gpuMemory)
        .map { ByteCount($0) },
      gpuUtilization: try container.decodeIfPresent(Double.self, forKey: .gpuUtilization)
        .flatMap { Share($0) })
  }

  /// Whether anything is known.
  package var isKnown: Bool { self != Candidate.Usage() }
}

extension KeyedDecodingContainer {
  fileprivate func secondsIfPresent(_ key: Key) throws -> Duration? {
    guard let seconds = try decodeIfPresent(Double.self, forKey: key) else { return nil }
    guard (0..<3e9).contains(seconds) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(seconds) seconds")
    }
    return .milliseconds(Int64((seconds * 1_000).rounded()))
  }
}

extension Duration {
  /// To the millisecond.
  fileprivate var roundedSeconds: Double { milliseconds.rounded() / 1_000 }
  /// The same as a duration.
  package var roundedToMilliseconds: Duration { .milliseconds(Int64(milliseconds.rounded())) }
}
