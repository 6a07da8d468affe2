import Kubernetes
import Simulation
import Synchronization
import Testing

/// How requests are paced and tried again, over a connection that a script answers.
@Suite struct RetryTests {
  @Test func `the bound doubles up to the limit`() {
    let backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
    #expect(
      (1...6).map { backoff.bound(failures: $0) } == [
        .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
        .seconds(1), .seconds(1),
      ])
    #expect(backoff.bound(failures: .max) == .seconds(1))
    #expect(backoff.delay(failures: 3, chance: 0.25) == .milliseconds(100))
  }

  @Test func `tokens come back at the rate`() {
    var bucket = TokenBucket(rate: 10, burst: 2)
    #expect(bucket.reserve(at: .zero) == .zero)
    #expect(bucket.reserve(at: .zero) == .zero)
    #expect(bucket.reserve(at: .zero) == .milliseconds(100))
    #expect(bucket.reserve(at: .zero) == .milliseconds(200))
    #expect(bucket.reserve(at: .milliseconds(300)) == .zero)
    #expect(bucket.reserve(at: .milliseconds(200)) == .milliseconds(100))
    // No more than the burst is ever saved up.
    #expect(bucket.reserve(at: .seconds(100)) == .zero)
    #expect(bucket.reserve(at: .seconds(100)) == .zero)
    #expect(bucket.reserve(at: .seconds(100)) > .zero)
  }

  static let answers: [(reason: String, code: Int, isTriedAgain: Bool, onCreate: Bool)] = [
    ("InternalError", 500, true, true), ("ServiceUnavailable", 503, true, true),
    ("TooManyRequests", 429, true, true), ("Timeout", 504, true, true),
    ("NotFound", 404, false, false), ("Conflict", 409, false, false),
    ("Invalid", 422, false, false), ("Forbidden", 403, false, false),
  ]

  @Test(arguments: answers.indices)
  func `what may pass is tried again`(index: Int) async throws {
    let answer = Self.answers[index]
    let script = Script([.status(answer.code, answer.reason), .object])
    let found = try? await script.client().get(.pods, "a", in: "b")
    #expect((found != nil) == answer.isTriedAgain)
    #expect(script.requests.count == (answer.isTriedAgain ? 2 : 1))
  }

  @Test func `what isn't idempotent is sent once`() async throws {
    let patch = Patch.json(JSONPatch([.add(JSONPointer(["spec", "list", "-"]), 1)]))
    let key = ObjectKey(namespace: "b", name: "a")
    let failing = Script([.status(500, "InternalError"), .object])
    await #expect(throws: APIFailure.self) {
      _ = try await failing.client().patch(.pods, key, patch)
    }
    #expect(failing.requests.count == 1)
    // Turned away before it began: that may be repeated.
    let busy = Script([.status(429, "TooManyRequests"), .object])
    _ = try await busy.client().patch(.pods, key, patch)
    #expect(busy.requests.count == 2)
  }

  @Test func `it is given up in the end`() async throws {
    let script = Script(Array(repeating: .status(503, "ServiceUnavailable"), count: 10))
    let backoff = Backoff(base: .zero, limit: .zero, attemptsMax: 4)
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await script.client(backoff: backoff).get(.pods, "a", in: "b")
    }
    #expect(failure?.reason == .serverError(503))
    #expect(script.requests.count == 4)
  }

  @Test func `Retry-After is waited for`() async throws {
    let clock = ManualClock()
    let script = Script([.retryAfter(.seconds(7)), .object])
    let client = script.client(
      backoff: Backoff(base: .seconds(1), limit: .seconds(1), attemptsMax: 3), clock: clock)
    async let found = client.get(.pods, "a", in: "b")
    await clock.waitForSleepers()
    #expect(clock.untilNextWakeUp == .seconds(7.5))
    clock.advance(by: .seconds(7.5))
    #expect(try await found.name == "a")
  }

  @Test func `more requests than the rate allows wait`() async throws {
    let clock = ManualClock()
    let script = Script([.object, .object, .object])
    let client = script.client(rate: 2, burst: 2, clock: clock)
    for _ in 0..<2 { _ = try await client.get(.pods, "a", in: "b") }
    async let third = client.get(.pods, "a", in: "b")
    await clock.waitForSleepers()
    #expect(script.requests.count == 2)
    #expect(clock.untilNextWakeUp == .milliseconds(500))
    clock.advance(by: .milliseconds(500))
    _ = try await third
    #expect(script.requests.count == 3)
  }

  @Test func `a cancelled request stops waiting`() async throws {
    let clock = ManualClock()
    let client = Script([.retryAfter(.seconds(60))]).client(clock: clock)
    let task = Task { try await client.get(.pods, "a", in: "b") }
    await clock.waitForSleepers()
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  @Test func `a failure reads as where, what and need`() async throws {
    let script = Script([.status(404, "NotFound")])
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await script.client().get(.deployments, "web", in: "demo")
    }
    #expect(
      failure?.description == "get deployments.apps demo/web: scripted; "
        + "an existing object of an installed kind is needed")
  }

  @Test func `lines are cut wherever the pieces were`() async throws {
    let lines = [
      #"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}"#,
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"#,
      #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"m"}}"#,
    ]
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    for size in [1, 7, 1_000] {
      let pieces = stride(from: 0, to: bytes.count, by: size).map {
        Array(bytes[$0..<min($0 + size, bytes.count)])
      }
      let script = Script([], pieces: pieces)
      var events: [WatchEvent] = []
      for try await event in script.client().watch(.pods) { events.append(event) }
      #expect(events.count == 3)
      #expect(events.first?.resourceVersion == "1")
      #expect(events.dropFirst().first == .bookmark(resourceVersion: "7"))
      guard case .error(let failure) = events.last else {
        Issue.record("the last event was \(String(describing: events.last))")
        return
      }
      #expect(failure.reason == .expired)
    }
  }
}

/// A connection with prepared answers.
private final class Script: Sendable {
  enum Answer: Sendable {
    case status(Int, String)
    case retryAfter(Duration)
    case object
  }

  private let state: Mutex<(answers: [Answer], requests: [APIRequest], pieces: [[UInt8]])>
  var requests: [APIRequest] { state.withLock { $0.requests } }

  init(_ answers: [Answer], pieces: [[UInt8]] = []) {
    state = Mutex((answers, [], pieces))
  }

  func client(
    rate: Double = 1_000, burst: Int = 1_000,
    backoff: Backoff = Backoff(base: .zero, limit: .zero, attemptsMax: 6),
    clock: any Clock<Duration> = ContinuousClock()
  ) -> Client {
    let connection = Connection(
      send: { self.answer($0) },
      open: { _ in
        APIResponseStream(status: 200) {
          self.state.withLock { $0.pieces.isEmpty ? nil : $0.pieces.removeFirst() }
        }
      })
    return Client(
      over: connection,
      pacing: RequestPacing(
        rate: rate, burst: burst, backoff: backoff, clock: clock, chance: { 0.5 }))
  }

  private func answer(_ request: APIRequest) -> APIResponse {
    let answer = state.withLock { state in
      state.requests.append(request)
      return state.answers.isEmpty ? .object : state.answers.removeFirst()
    }
    switch answer {
    case .object:
      return APIResponse(status: 200, body: Array(#"{"metadata":{"name":"a"}}"#.utf8))
    case .retryAfter(let delay):
      return APIResponse(status: 429, retryAfter: delay, body: [])
    case .status(let code, let reason):
      let status: JSONValue = [
        "kind": "Status", "reason": .string(reason), "code": .integer(code), "message": "scripted",
      ]
      return APIResponse(status: code, body: Array(JSONText.encode(status).utf8))
    }
  }
}
