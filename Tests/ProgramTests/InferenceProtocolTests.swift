import Foundation
import Glibc
import Testing
import Transport

/// `morphling stress` in protocols of inference: against the stand-in of `TransportTests`, and
/// against a real Triton where it is installed.
@Suite(.serialized) struct InferenceProtocolTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  static let hasTriton = FileManager.default.fileExists(
    atPath: root + "/.services/triton-minilm/minilm.onnx")

  /// A process that ends with the test.
  private final class Server {
    let process: ChildProcess

    init(_ arguments: [String], variables: [String: String] = [:]) throws {
      process = try ChildProcess(
        arguments,
        environment: ProcessInfo.processInfo.environment.merging(variables) { $1 },
        output: .pipe)
    }

    /// The first that it prints.
    func line() -> String {
      process.firstLine(until: .now + .seconds(60))
    }
  }

  private func json(_ result: Morphling.Result) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any],
      "\(result.errors)")
  }

  private func standIn() throws -> (server: Server, url: String) {
    let server = try Server(["python3", Self.root + "/Tests/TransportTests/inference.py"])
    let port = try #require(Int(server.line().filter(\.isNumber)))
    return (server, "http://127.0.0.1:\(port)")
  }

  @Test func `a stream's tokens are timed, bounded and counted`() throws {
    let (server, url) = try standIn()
    defer { withExtendedLifetime(server) {} }
    let arguments = [
      "stress", url + "/stream", "--protocol", "openai", "--body", #"{"stream": true}"#, "--rate",
      "20", "--duration", "2s", "--warm-up", "0s", "--slo", "itl-p99=5s",
    ]
    let result = try Morphling.started(
      arguments + ["--slo", "ttft-p99=10s", "--output", "json"]
    ).finished()
    #expect(result.hasMeasured, "\(result.errors)")
    let found = try json(result)
    let generation = try #require(found["generation"] as? [String: Any])
    let first = try #require((generation["ttft_ms"] as? [String: [String: Any]])?["p50"])
    #expect(try #require(first["value"] as? Double) >= 95)
    let tokens = try #require((generation["output_tokens"] as? [String: [String: Any]])?["p50"])
    #expect(tokens["value"] as? Double == 5)
    let outcome = try #require(found["outcome"] as? [String: Any])
    let measured = try #require((outcome["measured"] as? [String: Any])?["_0"] as? [String: Any])
    let values = try #require(measured["values"] as? [String: Double])
    #expect(values["goodput_fraction"] == 1)
    #expect(try #require(values["output_tokens_per_second"]) > 10)
    // The first token takes 100 ms.
    let broken = try Morphling.judged {
      try Morphling.started(arguments + ["--slo", "ttft-p99=20ms"]).finished()
    }
    #expect(broken.status == 3)
    #expect(broken.errors.contains("ttft_p99_ms was"), "\(broken.errors)")
    for word in ["first token", "between", "per token", "goodput"] {
      #expect(broken.output.contains(word), "\(broken.output)")
    }
  }

  @Test func `a bound on tokens needs a stream`() throws {
    let (server, url) = try standIn()
    defer { withExtendedLifetime(server) {} }
    let result = try Morphling.judged {
      try Morphling.run(
        "stress", url + "/whole", "--protocol", "openai", "--body", "{}", "--rate", "20",
        "--duration", "1s", "--warm-up", "0s", "--slo", "ttft-p99=10s")
    }
    #expect(result.status == 3)
    #expect(result.errors.contains("\"stream\": true"), "\(result.errors)")
  }

  @Test func `predictions and calls are sent by their names`() throws {
    let (server, url) = try standIn()
    defer { withExtendedLifetime(server) {} }
    let body = #"{"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}"#
    let load = ["--rate", "50", "--duration", "1s", "--warm-up", "0s"]
    for (path, name) in [("/predict", "tfserving"), ("/v2/models/right/infer", "oip-grpc")] {
      let result = try Morphling.started(
        ["stress", url + path, "--protocol", name, "--body", body] + load
      ).finished()
      #expect(result.hasMeasured, "\(name): \(result.errors)")
    }
    let refused = try Morphling.judged {
      try Morphling.started(
        ["stress", url + "/v2/models/invalid/infer", "--protocol", "oip-grpc", "--body", body]
          + load
      ).finished()
    }
    #expect(refused.status == 3)
    #expect(refused.errors.contains("unexpected shape for input 'x'"), "\(refused.errors)")
  }

  @Test(
    .enabled(
      if: hasTriton, "Triton isn't installed: deploy/examples/triton-minilm/install has not run"))
  func `a real Triton is loaded over gRPC and over REST`() throws {
    let ports = try (0..<3).map { _ in try StandInServer.freePort() }
    let example = Self.root + "/deploy/examples/triton-minilm"
    let server = try Server(
      [example + "/serve"],
      variables: [
        "HTTP_PORT": "\(ports[0])", "GRPC_PORT": "\(ports[1])", "METRICS_PORT": "\(ports[2])",
      ])
    defer { withExtendedLifetime(server) {} }
    // Over gRPC first, which can tell that a model isn't ready yet.
    for (port, name) in [(ports[1], "oip-grpc"), (ports[0], "oip")] {
      let result = try Morphling.run(
        "stress", "http://127.0.0.1:\(port)/v2/models/minilm/infer", "--protocol", name, "--body",
        "@" + example + "/request.json", "--rate", "5", "--duration", "3s", "--timeout", "20s",
        "--readiness-deadline", "120s", "--output", "json")
      #expect(result.hasMeasured, "\(name): \(result.errors)")
      let found = try json(result)
      #expect((found["errors"] as? [String: Int])?.isEmpty ?? false, "\(result.output)")
      #expect(try #require(found["throughput_rps"] as? Double) > 2)
    }
  }
}
