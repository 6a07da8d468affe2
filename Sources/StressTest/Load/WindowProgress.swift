/// How a window goes while it is sent.
package struct WindowProgress: Hashable, Sendable {
  /// Since the window's start.
  package let elapsed: Duration
  package let sent: Int
  package let succeeded: Int
  package let failed: Int
  /// Latencies of about the last second, in milliseconds; nil where nothing was answered.
  package let recentP50: Double?
  package let recentP99: Double?

  package init(
    elapsed: Duration, sent: Int, succeeded: Int, failed: Int, recentP50: Double?,
    recentP99: Double?
  ) {
    self.elapsed = elapsed
    self.sent = sent
    self.succeeded = succeeded
    self.failed = failed
    self.recentP50 = recentP50
    self.recentP99 = recentP99
  }

  package var inFlight: Int { sent - succeeded - failed }
}
