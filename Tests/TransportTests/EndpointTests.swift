import StressTest
import Testing
import Transport
import Tuning

@Suite(.serialized, .timeLimit(.minutes(2)))
struct EndpointTests {
  let server: FaultyServer

  init() throws { server = try FaultyServer.shared.get() }

  @Test(
    arguments: [
      ("/ok", .status, .success), ("/created", .status, .success),
      ("/500", .status, .statusNotOK), ("/nowhere", .status, .statusNotOK),
      ("/ok", .contains("hello"), .success), ("/ok", .contains("goodbye"), .wrongContent),
      ("/500", .contains("sorry"), .statusNotOK),
      ("/inference", .openInference, .success), ("/ok", .openInference, .wrongContent),
      ("/inference-error", .openInference, .wrongContent),
      ("/inference-cut", .openInference, .wrongContent),
      ("/garbage", .status, .malformed), ("/cut", .status, .connectionLost),
      ("/reset", .status, .connectionLost), ("/hang", .status, .timedOut),
      ("/endless", .status, .tooLong),
    ] as [(String, ResponseExpectation, RequestResult)])
  func `an answer is judged by its status, its content and its end`(
    path: String, expectation: ResponseExpectation, result: RequestResult
  ) async {
    let timeout: Duration = path == "/hang" ? .milliseconds(300) : .seconds(20)
    let endpoint = server.endpoint(path, expecting: expectation)
    #expect(await endpoint.sendOne(timeout) == result)
  }

  @Test func `a port that nobody listens on refuses`() async throws {
    let port = try FreePorts().next()
    let endpoint = Endpoint.live(HTTPTarget(url: "http://127.0.0.1:\(port)/"))
    #expect(await endpoint.sendOne(.seconds(5)) == .connectionRefused)
  }

  @Test func `method, headers and body arrive as they were given`() async {
    let body = Array("a body".utf8)
    for expected in ["PUT /echo", "X-Trial: 7", "a body"] {
      let endpoint = Endpoint.live(
        HTTPTarget(
          url: server.url("/echo"), method: "PUT", headers: [.init("X-Trial", "7")], body: body,
          expectation: .contains(expected)))
      #expect(await endpoint.sendOne(.seconds(5)) == .success)
    }
  }

  @Test func `every request of a window is sent when it is due`() async throws {
    let window = steadyWindow(perSecond: 200, for: .seconds(1))
    let recording = try await server.endpoint("/ok").send(window)
    #expect(recording.requests.map(\.intendedStart) == window.intendedStarts)
    #expect(recording.requests.allSatisfy { $0.result == .success })
    #expect(recording.requests.allSatisfy { $0.scheduleLag >= 0 && $0.end > $0.actualStart })
    #expect(!recording.wasCutShort)
    #expect(recording.generatorCPU > .zero && recording.generatorCPU < .seconds(2))
  }

  @Test func `a window ends once its verdict is certain`() async throws {
    let bound = Constraint(metric: .latencyP99, maximum: 1e-6, isHeldByStressTest: true)
    var window = steadyWindow(perSecond: 200, for: .seconds(20))
    window.stopRule = StopRule(
      limits: LoadLimits(constraints: [bound]), requests: window.intendedStarts.count,
      rate: Rate(perSecond: 200))
    let recording = try await server.endpoint("/ok").send(window)
    let stoppedAfter = try #require(recording.stoppedAfter)
    #expect(stoppedAfter < window.duration && !recording.wasCutShort)
    #expect((64..<window.intendedStarts.count / 2).contains(recording.requests.count))
    let last = try #require(recording.requests.last)
    #expect(last.intendedStart <= Int64(stoppedAfter.seconds * 1e9))
    #expect(recording.requests.allSatisfy { $0.result == .success })
  }

  @Test func `an answer that comes late holds nothing back`() async throws {
    // 300 ms an answer, sent every 10 ms: a closed loop would need 15 s.
    let window = steadyWindow(perSecond: 100, for: .milliseconds(500))
    let recording = try await server.endpoint("/slow").send(window)
    #expect(recording.requests.count == 50)
    let last = try #require(recording.requests.map(\.end).max())
    #expect(last < 3_000_000_000)
    #expect(recording.requests.allSatisfy { $0.latency >= 290_000_000 })
  }

  @Test func `a stall shows in the latency of every request that was due in it`() async throws {
    let window = steadyWindow(perSecond: 200, for: .milliseconds(1_500))
    // Its stall would hold up other tests.
    let server = try FaultyServer()
    let recording = try await server.endpoint("/stall").send(window)
    let latencies = recording.requests.map(\.latency).sorted()
    let worst = try #require(latencies.last)
    #expect(worst >= 450_000_000)
    // Half of the 100 requests that were due in the stall of 500 ms wait 250 ms or longer.
    let late = latencies.count { $0 >= 250_000_000 }
    #expect(late >= 40)
  }

  @Test func `a window against a hung server ends soon and is cut short`() async throws {
    let window = steadyWindow(
      perSecond: 200, for: .seconds(60), timeout: .seconds(30), outstandingMax: 50)
    var recording: LoadRecording?
    let taken = try await ContinuousClock().measure {
      recording = try await server.endpoint("/hang").send(window)
    }
    let requests = try #require(recording).requests
    #expect(taken < .seconds(10))
    #expect(recording?.wasCutShort == true)
    #expect(requests.count == 50)
    #expect(requests.allSatisfy { $0.result == .timedOut && $0.latency >= 30_000_000_000 })
  }

  @Test func `a request without an answer times out by itself`() async throws {
    let window = steadyWindow(
      perSecond: 20, for: .milliseconds(500), timeout: .milliseconds(200))
    let recording = try await server.endpoint("/hang").send(window)
    #expect(recording.requests.map(\.result) == Array(repeating: .timedOut, count: 10))
    #expect(!recording.wasCutShort)
  }

  @Test func `what can't be sent within its time limit ends the window`() async throws {
    // No machine sends a million requests in 100 ms.
    let window = LoadWindow(
      intendedStarts: Array(repeating: 0, count: 1_000_000), duration: .seconds(1),
      timeout: .milliseconds(100), outstandingMax: .max)
    let recording = try await server.endpoint("/ok").send(window)
    #expect(recording.wasCutShort)
    #expect((1..<1_000_000).contains(recording.requests.count))
    #expect(recording.requests.dropLast().allSatisfy { $0.scheduleLag <= 100_000_000 })
  }

  @Test func `a cancelled window ends at once`() async throws {
    let endpoint = server.endpoint("/hang")
    let window = steadyWindow(perSecond: 5, for: .seconds(60), timeout: .seconds(60))
    let task = Task { try await endpoint.send(window) }
    try await eventually("the server answers") {
      await HTTPProbe.get(url: server.url("/ok"), timeout: .seconds(5)) == 200
    }
    let taken = await ContinuousClock().measure {
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    #expect(taken < .seconds(5))
    // The endpoint is as good as new.
    #expect(await server.endpoint("/ok").sendOne(.seconds(5)) == .success)
  }

  @Test func `connections stay open from one window to the next`() async throws {
    let endpoint = Endpoint.live(
      HTTPTarget(url: server.url("/ok"), expectation: .contains("hello")))
    for _ in 0..<3 {
      let recording = try await endpoint.send(steadyWindow(perSecond: 50, for: .milliseconds(200)))
      #expect(recording.requests.allSatisfy { $0.result == .success })
    }
  }

  @Test func `an empty window is over at once`() async throws {
    let recording = try await server.endpoint("/ok").send(
      LoadWindow(intendedStarts: [], duration: .zero, timeout: .seconds(1), outstandingMax: 1))
    #expect(recording.requests.isEmpty)
  }

  @Test func `a probe tells the status, or that there is none`() async throws {
    #expect(await HTTPProbe.get(url: server.url("/ok"), timeout: .seconds(5)) == 200)
    #expect(await HTTPProbe.get(url: server.url("/500"), timeout: .seconds(5)) == 500)
    #expect(await HTTPProbe.get(url: server.url("/hang"), timeout: .milliseconds(100)) == nil)
    #expect(await TCPProbe.accepts(port: server.port))
    let nobody = try FreePorts().next()
    #expect(await !TCPProbe.accepts(port: nobody))
  }
}
