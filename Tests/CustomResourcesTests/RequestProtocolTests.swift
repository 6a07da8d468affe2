import CustomResources
import Testing
import Tuning

/// Protocols of inference in an experiment.
@Suite struct RequestProtocolTests {
  private static let http = """
        protocol: http
        port: predictor-http-port
        path: /infer
        headers:
          Content-Type: application/json
        body: '{"text": "hello"}'
        expect: embedding

    """

  private func read(
    _ stressTest: String, bound: String = "p99"
  ) -> (definition: ExperimentDefinition?, diagnostics: Diagnostics) {
    let experiment = Fixtures.experiment
      .replacing(Self.http, with: stressTest.split(separator: "\n").map { "\($0)\n" }.joined())
      .replacing("metricName: p99", with: "metricName: \(bound)")
      .replacing("    timeout: 5s\n", with: "")
    return ExperimentDefinition.decode([
      Manifest(Fixtures.inference + "---\n" + experiment, file: "service.yaml")
    ])
  }

  @Test(arguments: [
    ("oip", "/v2/models/m/infer"), ("oip-grpc", "/v2/models/m/infer"),
    ("tfserving", "/v1/models/m:predict"), ("openai", "/v1/chat/completions"),
  ])
  func `every protocol is read, and posts JSON`(word: String, path: String) throws {
    let (definition, diagnostics) = read(
      "    protocol: \(word)\n    path: \(path)\n    body: {a: 1}")
    let test = try #require(definition?.stressTest, "\(diagnostics)")
    #expect(test.requestProtocol.rawValue == word && test.path == path && test.method == "POST")
    #expect(test.headers.map(\.value) == ["application/json"])
  }

  @Test(arguments: ["oip", "oip-grpc", "tfserving", "openai"])
  func `every protocol needs a path and a body`(word: String) {
    let text = read("    protocol: \(word)").diagnostics.description
    #expect(text.contains("a path like /v"), "\(text)")
    #expect(text.contains("protocol \(word) without a body"), "\(text)")
  }

  @Test func `over gRPC the path names a model, and nothing else is expected`() {
    let path = read("    protocol: oip-grpc\n    path: /infer\n    body: {a: 1}").diagnostics
      .description
    #expect(path.contains("/v2/models/NAME/infer"), "\(path)")
    for word in ["oip-grpc", "openai"] {
      let text = read(
        "    protocol: \(word)\n    path: /v2/models/m/infer\n    body: {a: 1}\n    expect: x"
      ).diagnostics.description
      #expect(text.contains("expect beside protocol \(word)"), "\(text)")
    }
  }

  @Test(arguments: ["ttft-p99", "itl_p99_ms", "TPOT-mean"])
  func `times of tokens are bounded where answers are generated`(name: String) throws {
    let openai = "    protocol: openai\n    path: /v1/chat/completions\n    body: {stream: true}"
    let (definition, diagnostics) = read(openai, bound: name)
    let constraint = try #require(definition?.constraints.first, "\(diagnostics)")
    #expect(constraint.metric == MetricName.metric(name) && constraint.isHeldByStressTest)
    #expect(Metric.generationTimes.contains(constraint.metric) && constraint.maximum == 100)
    #expect(definition?.stressTest.timeout == .seconds(60))
    let plain = read(Self.http, bound: name).diagnostics.description
    #expect(plain.contains("nobody reports"), "\(plain)")
  }
}
