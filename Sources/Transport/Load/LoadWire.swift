import StressTest

/// What requests are sent over: the open connections to one target.
///
/// One thread drives it at a time; only `wakeUp` may be called from others. Instants are those of
/// the monotonic clock, in nanoseconds.
protocol LoadWire: AnyObject {
  /// Before a window: how long a request may take, how many may be under way at once, and what
  /// decides on bodies that vary.
  func prepare(timeout: Int64, outstandingMax: Int, seed: UInt64)
  /// Sends a request, which in the end is in `takeEnded` once.
  func begin(_ number: Int, at instant: Int64)
  /// Sends and receives what can be, and waits for more until the instant at most. Returns as soon
  /// as something happened; doesn't wait where the instant has passed.
  func advance(until instant: Int64)
  /// Gives up what is under way; it never ends.
  func abandonAll()
  /// Connections that are being opened.
  var opening: Int { get }
  /// What is noted of the window's requests.
  var ledger: RequestLedger { get set }
  /// What the server said of the last request that it refused; nil where it said nothing.
  var complaint: String? { get }
  /// Ends the wait of `advance`, from any thread.
  func wakeUp()
}

extension LoadWire {
  var complaint: String? { nil }
  /// The bodies of right answers, if they matter: as many as `keepBodies` asked for.
  var bodiesKept: [(number: Int, body: [UInt8])] { ledger.bodiesKept }
  func keepBodies(_ count: Int) { ledger.bodiesWanted = count }

  /// Appends the requests that have ended since the last time.
  func takeEnded(into ended: inout [EndedRequest]) { ledger.takeEnded(into: &ended) }
}

/// A request that is over.
struct EndedRequest {
  let number: Int
  let result: RequestResult
  /// When.
  let instant: Int64
  /// Of a right answer that was generated.
  var generation: Generation?
}
