/// A type of GPU as a synthetic service meets it.
struct Card {
  let name: String
  /// Work done in a given time, as a multiple of the slowest card's.
  let speed: Double
  /// Rate at which weights are read, likewise.
  let bandwidth: Double
  let memoryGiB: Double
  /// Of the whole card, in an arbitrary currency.
  let pricePerHour: Double
}

/// What is tried: one level of each parameter.
struct ServiceSetting {
  let cores: Double
  /// GiB, or percent of the card where a family shares cards.
  let memory: Double
  let batch: Double
  let card: Card
}

/// What a synthetic service does without noise.
struct ServiceResponse {
  /// Requests a second.
  let throughput: Double
  /// Milliseconds.
  let latencyP99: Double
  /// GiB.
  let memoryUsed: Double
  let costPerHour: Double
}
