import Foundation
import StressTest
import Testing
import Transport
import Tuning

/// `inference.py` beside this file, running.
final class InferenceServer: Sendable {
  let port: Int
  private let process: ChildProcess

  /// One for all tests.
  static let shared = Result { try InferenceServer() }

  init() throws {
    let script = Bundle.module.path(forResource: "inference", ofType: "py") ?? "no resource"
    process = try ChildProcess(["python3", script], output: .pipe)
    port = Int(process.firstLine().filter(\.isNumber)) ?? 0
  }

  func target(_ path: String, _ expectation: ResponseExpectation) -> HTTPTarget {
    let body = #"{"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}"#
    return HTTPTarget(
      url: "http://127.0.0.1:\(port)\(path)", method: "POST", body: Array(body.utf8),
      expectation: expectation)
  }

  func model(_ name: String) -> HTTPTarget {
    target("/v2/models/\(name)/infer", .inferenceCall(.infer))
  }
}

/// Protocols of inference, over real connections.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct InferenceEndpointTests {
  let server: InferenceServer

  init() throws { server = try InferenceServer.shared.get() }

  // MARK: gRPC

  @Test(
    arguments: [
      ("right", .success), ("unavailable", .rpcUnavailable), ("invalid", .rpcInvalidArgument),
      ("exhausted", .rpcResourceExhausted), ("failed-late", .rpcFailed), ("cut", .malformed),
      ("empty", .malformed), ("no-status", .malformed), ("compressed", .malformed),
      ("two", .malformed), ("wrong", .wrongContent), ("garbage", .wrongContent),
      ("reset", .connectionLost),
    ] as [(String, RequestResult)])
  func `a call is judged by its status and its message`(
    model: String, result: RequestResult
  ) async {
    #expect(await Endpoint.live(server.model(model)).sendOne(.seconds(20)) == result)
  }

  @Test func `many calls go over one connection, open loop or closed`() async throws {
    let endpoint = Endpoint.live(server.model("right"))
    let recording = try await endpoint.send(steadyWindow(perSecond: 100, for: .seconds(1)))
    #expect(recording.requests.count == 100)
    #expect(Set(recording.requests.map(\.result)) == [.success])
    #expect(recording.requests.allSatisfy { $0.generation == nil })
    let closed = try await endpoint.send(
      LoadWindow(users: 4, duration: .milliseconds(300), timeout: .seconds(5)))
    #expect(closed.requests.count >= 4)
    #expect(Set(closed.requests.map(\.result)) == [.success])
  }

  @Test func `what the server says of a refusal is kept`() async {
    let endpoint = Endpoint.live(server.model("invalid"))
    #expect(endpoint.complaint() == nil)
    _ = await endpoint.sendOne(.seconds(20))
    #expect(endpoint.complaint() == "unexpected shape for input 'x'")
  }

  @Test func `a model that is loading isn't ready`() async {
    let loading = Candidate.probed(server.model("loading"), at: [], timeout: .seconds(20))
    #expect(await loading.state() == .starting)
    let ready = Candidate.probed(server.model("right"), at: [], timeout: .seconds(20))
    #expect(await ready.state() == .ready)
  }

  @Test func `what can't go over gRPC is told before anything is sent`() async {
    let endpoint = Endpoint.live(server.target("/", .inferenceCall(.infer)))
    let error = await #expect(throws: LoadGeneratorError.self) {
      try await endpoint.send(steadyWindow(perSecond: 10, for: .milliseconds(100)))
    }
    #expect(error?.description.contains("names no model") ?? false)
  }

  // MARK: Completions

  @Test(
    arguments: [
      ("/stream", .success), ("/stream-error", .errorInStream),
      ("/stream-unfinished", .wrongContent), ("/stream-pings", .success),
      ("/stream-lost", .connectionLost), ("/stream-bytes", .success),
      ("/stream-endless-event", .tooLong), ("/whole", .success), ("/whole-error", .errorInStream),
      ("/predict", .wrongContent), ("/nowhere", .statusNotOK),
    ] as [(String, RequestResult)])
  func `a completion is judged by its content`(path: String, result: RequestResult) async {
    let endpoint = Endpoint.live(server.target(path, .completions))
    #expect(await endpoint.sendOne(.seconds(20)) == result)
  }

  @Test func `each token of a stream has its time`() async throws {
    let endpoint = Endpoint.live(server.target("/stream", .completions))
    let recording = try await endpoint.send(
      steadyWindow(perSecond: 20, for: .milliseconds(500), timeout: .seconds(20)))
    #expect(recording.requests.count == 10)
    for request in recording.requests {
      let generation = try #require(request.generation)
      #expect(generation.arrivals.count == 5)
      #expect(generation.arrivals == generation.arrivals.sorted())
      // The server waits 100 ms before the first, and 30 ms before each of the others.
      #expect(try #require(generation.arrivals.first) >= 95_000_000)
      let last = try #require(generation.arrivals.last)
      #expect(last >= 215_000_000 && last <= request.end - request.actualStart)
      #expect(generation.inputTokens == 9 && generation.outputTokens == 5)
    }
  }

  @Test func `a whole answer tells its lengths alone`() async throws {
    let endpoint = Endpoint.live(server.target("/whole", .completions))
    let recording = try await endpoint.send(
      steadyWindow(perSecond: 10, for: .milliseconds(300), timeout: .seconds(20)))
    for request in recording.requests {
      let generation = try #require(request.generation)
      #expect(generation.arrivals.isEmpty && generation.timePerOutputToken == nil)
      #expect(generation.inputTokens == 9 && generation.outputTokens == 2)
    }
  }

  // MARK: Predictions

  @Test(
    arguments: [
      ("/predict", .success), ("/predict-ragged", .wrongContent), ("/predict-large", .success),
      ("/predict-large-ragged", .wrongContent), ("/whole", .wrongContent),
      ("/nowhere", .statusNotOK),
    ] as [(String, RequestResult)])
  func `a prediction is judged by its content`(path: String, result: RequestResult) async {
    let endpoint = Endpoint.live(server.target(path, .predictions))
    #expect(await endpoint.sendOne(.seconds(20)) == result)
  }
}
