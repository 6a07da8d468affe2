/// How long to wait before trying again: exponential, with full jitter.
///
/// M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: the delay is uniform
/// between nothing and the bound, which doubles with every attempt.
package struct Backoff: Hashable, Sendable {
  /// The bound after the first failure.
  package let base: Duration
  package let limit: Duration
  /// After so many failures in a row a request is given up.
  package let attemptsMax: Int

  package init(base: Duration, limit: Duration, attemptsMax: Int = .max) {
    self.base = base
    self.limit = limit
    self.attemptsMax = attemptsMax
  }

  /// For single requests.
  package static let requests = Backoff(
    base: .milliseconds(250), limit: .seconds(8), attemptsMax: 6)
  /// For watches that break and lists that fail.
  package static let watches = Backoff(base: .milliseconds(800), limit: .seconds(30))
  /// For items of a work queue.
  package static let items = Backoff(base: .milliseconds(50), limit: .seconds(300))

  /// The longest wait after a number of failures in a row.
  package func bound(failures: Int) -> Duration {
    // 2^40 times any base is beyond any limit.
    let doublings = min(max(failures, 1) - 1, 40)
    return min(base * Double(1 << doublings), limit)
  }

  /// The wait after a number of failures in a row. `chance` is uniform in 0..<1.
  package func delay(failures: Int, chance: Double) -> Duration {
    bound(failures: failures) * chance
  }

  /// The wait before a request is sent again; nil when it must not be. The server's own wish is
  /// the least, with jitter on top so that its clients don't come back all at once.
  package func delay(
    after failure: APIFailure, failures: Int, isIdempotent: Bool, chance: Double
  ) -> Duration? {
    guard failures < attemptsMax, failure.isRetryable,
      isIdempotent || failure.wasNotProcessed
    else { return nil }
    return (failure.retryAfter ?? .zero) + delay(failures: failures, chance: chance)
  }
}
