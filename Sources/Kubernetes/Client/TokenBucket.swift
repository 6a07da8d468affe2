/// A rate limit: so many requests at once, and so many a second in the long run.
package struct TokenBucket: Hashable, Sendable {
  /// Tokens a second.
  package let rate: Double
  /// The most that can be saved up.
  package let burst: Double
  /// Less than none when some were reserved ahead.
  private var tokens: Double
  private var updated: Duration

  package init(rate: Double, burst: Int, at now: Duration = .zero) {
    self.rate = rate
    self.burst = Double(burst)
    self.tokens = Double(burst)
    self.updated = now
  }

  /// Takes one token, and tells how long to wait until it is there. Time that runs backwards
  /// counts as standing still.
  package mutating func reserve(at now: Duration) -> Duration {
    let elapsed = max(now - updated, .zero)
    tokens = min(burst, tokens + elapsed / .seconds(1) * rate)
    updated = max(now, updated)
    tokens -= 1
    return tokens >= 0 ? .zero : .seconds(1) * (-tokens / rate)
  }

  /// Gives back a token that wasn't used after all.
  package mutating func giveBack() { tokens = min(burst, tokens + 1) }
}
