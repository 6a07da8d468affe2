/// The time since it was started, on any clock.
package struct Stopwatch: Sendable {
  package let clock: any Clock<Duration>
  private let elapsedSinceStart: @Sendable () -> Duration

  package init(_ clock: any Clock<Duration>) {
    self.clock = clock
    self.elapsedSinceStart = Self.start(clock)
  }

  package var elapsed: Duration { elapsedSinceStart() }

  package func sleep(for duration: Duration) async throws {
    try await clock.sleep(for: duration)
  }

  private static func start(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }
}
