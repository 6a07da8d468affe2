import Synchronization

/// How fast requests follow each other, and how those that fail are tried again.
package struct RequestPacing: Sendable {
  package var rate: Double
  package var burst: Int
  package var backoff: Backoff
  package var clock: any Clock<Duration>
  /// Uniform in 0..<1, anew at each call.
  package var chance: @Sendable () -> Double

  /// By default as controllers usually are: 20 requests a second and 30 at once.
  package init(
    rate: Double = 20, burst: Int = 30, backoff: Backoff = .requests,
    clock: any Clock<Duration>, chance: @escaping @Sendable () -> Double
  ) {
    self.rate = rate
    self.burst = burst
    self.backoff = backoff
    self.clock = clock
    self.chance = chance
  }
}

/// Sends requests over a connection at the pace that was set.
final class PacedConnection: Sendable {
  private let connection: Connection
  private let pacing: RequestPacing
  private let stopwatch: Stopwatch
  private let bucket: Mutex<TokenBucket>

  init(_ connection: Connection, _ pacing: RequestPacing) {
    self.connection = connection
    self.pacing = pacing
    self.stopwatch = Stopwatch(pacing.clock)
    self.bucket = Mutex(TokenBucket(rate: pacing.rate, burst: pacing.burst))
  }

  /// The body of a success; what fails is tried again where that does no harm.
  func send(_ request: APIRequest) async throws -> [UInt8] {
    var failures = 0
    while true {
      try await waitForTurn()
      let failure: APIFailure
      do {
        let response = try await connection.send(request)
        if response.isSuccess { return response.body }
        failure = APIFailure(response, operation: request.operation)
      } catch let error as APIFailure {
        failure = error
      }
      failures += 1
      let delay = pacing.backoff.delay(
        after: failure, failures: failures, isIdempotent: request.isIdempotent,
        chance: pacing.chance())
      guard let delay else { throw failure }
      try await stopwatch.sleep(for: delay)
    }
  }

  /// An answer that goes on. Whoever reads it knows when to try again.
  func open(_ request: APIRequest) async throws -> APIResponseStream {
    try await waitForTurn()
    let response = try await connection.open(request)
    guard !(200..<300).contains(response.status) else { return response }
    var body: [UInt8] = []
    while body.count < 1 << 20, let piece = try await response.next() { body += piece }
    throw APIFailure(
      APIResponse(status: response.status, retryAfter: response.retryAfter, body: body),
      operation: request.operation)
  }

  private func waitForTurn() async throws {
    try Task.checkCancellation()
    let wait = bucket.withLock { $0.reserve(at: stopwatch.elapsed) }
    guard wait > .zero else { return }
    do {
      try await stopwatch.sleep(for: wait)
    } catch {
      bucket.withLock { $0.giveBack() }
      throw error
    }
  }
}
