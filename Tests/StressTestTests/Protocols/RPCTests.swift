import StressTest
import Testing

/// The Open Inference Protocol over gRPC, held against bytes that protobuf's own library (5.29.5)
/// wrote from the protocol's definition in MLServer 1.7.1.
@Suite struct RPCTests {
  static let request = Array(
    """
    {"id": "42", "inputs": [
      {"name": "ids", "datatype": "INT64", "shape": [2, 2], "data": [[1, -2], [300, 0]],
       "parameters": {"content_type": "np", "binary_data": false}},
      {"name": "x", "shape": [2], "datatype": "FP32", "data": [0.5, -1e-3]},
      {"data": [true, 0], "name": "b", "shape": [2], "datatype": "BOOL"},
      {"name": "u", "shape": [1], "datatype": "UINT8", "data": [255]},
      {"name": "w", "shape": [1], "datatype": "UINT64", "data": [18446744073709551615]},
      {"name": "s", "shape": [2], "datatype": "BYTES", "data": ["a", "\\u00e9"]},
      {"name": "d", "shape": [1], "datatype": "FP64", "data": [1.25]},
      {"name": "n", "shape": [1], "datatype": "INT8", "data": [-128]}],
     "outputs": [{"name": "y"}]}
    """.utf8)

  private static let written = hexadecimal(
    """
    0a016d1201331a0234322a380a036964731205494e5436341a02020222140a0c636f6e74656e745f7479706512041a02
    6e702a101a0e01feffffffffffffffff01ac02002a180a01781204465033321a01022a0a32080000003f6f1283ba2a12
    0a01621204424f4f4c1a01022a040a0201002a130a0175120555494e54381a01012a042202ff012a1c0a017712065549
    4e5436341a01012a0c2a0affffffffffffffffff012a160a0173120542595445531a01022a074201614202c3a92a180a
    01641204465036341a01012a0a3a08000000000000f43f2a1a0a016e1204494e54381a01012a0c120a80ffffffffffff
    ffff0132030a0179
    """)

  /// Three outputs: floats, texts and negative whole numbers, each as typed contents.
  static let typedReply = hexadecimal(
    """
    0a016d1a0234322a1d0a01791204465033321a0201032a0e320c0000803f00000040000040402a190a016c1205425954
    45531a01022a0a42036361744203646f672a1d0a01691205494e5433321a01022a0e120cffffffffffffffffff01ac02
    """)
  /// Two outputs with raw contents: floats, and texts of which one is empty.
  static let rawReply = hexadecimal(
    """
    0a016d2a0c0a01791204465033321a01032a0d0a016c120542595445531a0102320c000000000000000000000000320b
    0300000063617400000000
    """)

  private let call = Result {
    try InferenceCall(url: "http://[::1]:8001/v2/models/m/versions/3/infer?a=b")
  }

  // MARK: Requests

  @Test func `the address of a request over REST names the model, and where it is called`() throws {
    let call = try call.get()
    #expect(call.model == "m" && call.version == "3")
    #expect(call.url(of: .infer) == "http://[::1]:8001/inference.GRPCInferenceService/ModelInfer")
    let other = try InferenceCall(url: "https://host/v2/models/my%20model/infer")
    #expect(other.model == "my model" && other.version.isEmpty)
    #expect(other.url(of: .ready) == "https://host/inference.GRPCInferenceService/ModelReady")
  }

  @Test(arguments: [
    "http://host:8001", "http://host:8001/", "http://host/v1/models/m:predict",
    "http://host/v2/models/m",
    "http://host/v2/models/infer", "http://host/v2/models/m/versions/infer", "/v2/models/m/infer",
  ])
  func `an address without a model is refused`(url: String) {
    #expect(throws: InferenceCallError.self) { try InferenceCall(url: url) }
  }

  @Test func `a request in JSON is written as protobuf writes it`() throws {
    let call = try call.get()
    let body = try call.body(of: .infer, json: Self.request)
    #expect(
      body == [0, 0, 0, UInt8(Self.written.count >> 8), UInt8(Self.written.count & 255)]
        + Self.written)
    #expect(try call.body(of: .ready, json: []) == [0, 0, 0, 0, 6] + hexadecimal("0a016d120133"))
  }

  @Test(arguments: [
    ("[]", "no inference request"), ("{}", "no inference request"),
    (#"{"inputs": []}"#, "no inference request"),
    (#"{"inputs": [{"name": "x"}]}"#, "input 1 of the body is no tensor"),
    (#"{"inputs": [{"name":"x","shape":[1],"datatype":"FP16","data":[1]}]}"#, "datatype FP16"),
    (
      #"{"inputs": [{"name":"x","shape":[2],"datatype":"FP32","data":[1]}]}"#,
      "1 data for the shape [2]"
    ),
    (
      #"{"inputs": [{"name":"x","shape":[1],"datatype":"INT8","data":[128]}]}"#,
      "data that are no INT8"
    ),
    (
      #"{"inputs": [{"name":"x","shape":[1],"datatype":"INT32","data":[1.5]}]}"#,
      "data that are no INT32"
    ),
    (
      #"{"inputs": [{"name":"x","shape":[1],"datatype":"BYTES","data":[1]}]}"#,
      "data that are no BYTES"
    ),
    (
      #"{"inputs": [{"name":"x","shape":[1],"datatype":"UINT8","data":[-1]}]}"#,
      "data that are no UINT8"
    ),
  ])
  func `a request that can't be written says why`(json: String, found: String) throws {
    let call = try call.get()
    do throws(InferenceCallError) {
      _ = try call.body(of: .infer, json: Array(json.utf8))
      Issue.record("\(json) was written")
    } catch {
      #expect(error.found.contains(found), "\(error)")
    }
  }

  @Test func `a target over gRPC is written as over REST`() throws {
    var target = HTTPTarget(
      url: "http://127.0.0.1:8001/v2/models/m/versions/3/infer", method: "POST",
      headers: [.init("content-type", "application/json"), .init("X-Tenant", "a")],
      body: Self.request,
      expectation: .inferenceCall(.infer))
    let wire = try target.onWire()
    #expect(wire.version == .http2 && wire.url.hasSuffix("/ModelInfer"))
    #expect(
      wire.headers == [
        .init("X-Tenant", "a"), .init("Content-Type", "application/grpc"), .init("TE", "trailers"),
      ])
    #expect(message(of: [wire.content.body(of: 0, seed: 0)]) == Self.written)
    #expect(
      message(of: [try target.readinessRequest.onWire().content.body(of: 0, seed: 0)])
        == hexadecimal("0a016d120133"))
    // Every body that varies is written anew.
    target.content = .template(
      try BodyTemplate(
        #"{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[{{number}}]}]}"#))
    let bodies = try (0..<3).map { try target.onWire().content.body(of: $0, seed: 7) }
    #expect(Set(bodies).count == 3 && bodies.allSatisfy { message(of: [$0]) != nil })
    target.content = .corpus([Array("{}".utf8)])
    #expect(throws: InferenceCallError.self) { try target.onWire() }
  }

  @Test func `a job keeps a target over gRPC as it was written`() throws {
    let target = HTTPTarget(
      url: "http://127.0.0.1/v2/models/m/infer", method: "POST", body: Self.request,
      expectation: .inferenceCall(.infer))
    let job = StressJob(target: target, plan: StressPlan(constraints: []))
    #expect(try StressJob(json: try job.json()).target == target)
  }

  // MARK: Answers

  @Test func `an answer that protobuf wrote is right`() {
    #expect(InferenceCall.result(of: Self.typedReply, to: .infer) == .success)
    #expect(InferenceCall.result(of: Self.rawReply, to: .infer) == .success)
    #expect(InferenceCall.result(of: hexadecimal("0801"), to: .ready) == .success)
    #expect(InferenceCall.result(of: [], to: .ready) == .rpcUnavailable)
  }

  @Test func `an answer whose data don't fit its shape is wrong`() {
    for reply in [Self.typedReply, Self.rawReply] {
      for end in 1..<reply.count {
        let cut = Array(reply[..<end])
        // Cut between two outputs, what is left is whole.
        let isWhole = reply == Self.typedReply && [38, 65].contains(end)
        #expect(
          (InferenceCall.result(of: cut, to: .infer) == .success) == isWhole, "\(end)")
      }
    }
    #expect(InferenceCall.result(of: [], to: .infer) == .wrongContent)
    // Raw and typed contents at the same time.
    #expect(InferenceCall.result(of: Self.typedReply + [0x32, 0], to: .infer) == .wrongContent)
  }

  @Test(
    arguments: [
      ([0, 0, 0, 0, 2, 7, 8], [7, 8]), ([0, 0, 0, 0, 0], []), ([0, 0, 0, 0, 2, 7], nil), ([], nil),
      ([0, 0, 0, 0], nil), ([1, 0, 0, 0, 1, 7], nil), ([2, 0, 0, 0, 1, 7], nil),
      ([0, 0, 0, 0, 1, 7, 0], nil), ([0, 255, 255, 255, 255, 7], nil),
    ] as [([UInt8], [UInt8]?)])
  func `a frame has one message of its length, not compressed`(bytes: [UInt8], expected: [UInt8]?) {
    #expect(message(of: [bytes]) == expected)
    #expect(message(of: bytes.map { [$0] }) == expected)
  }

  @Test func `a message that is too long is given up before it comes`() {
    var frames = RPCFrames()
    ([0, 0x7F, 0, 0, 0] + [UInt8](repeating: 1, count: 100)).withUnsafeBytes { frames.append($0) }
    #expect(frames.isTooLong && frames.keptCount == 0)
  }

  @Test(arguments: [
    ("grpc-status: 0\r\n", RequestResult.success), ("Grpc-Status:14\r\n", .rpcUnavailable),
    ("grpc-status: 3", .rpcInvalidArgument), ("grpc-status: 4\r\n", .timedOut),
    ("grpc-status: 5\r\n", .rpcNotFound), ("grpc-status: 8\r\n", .rpcResourceExhausted),
    ("grpc-status: 12\r\n", .rpcUnimplemented), ("grpc-status: 13\r\n", .rpcFailed),
    ("grpc-status: x\r\n", .malformed), ("grpc-status: \r\n", .malformed),
    ("grpc-status\r\n", .malformed),
    ("x-grpc-status: 0\r\n", .malformed), ("", .malformed),
  ])
  func `a status says how a call ended`(line: String, expected: RequestResult) {
    var status = RPCStatus()
    Array(line.utf8).withUnsafeBytes { status.read($0) }
    #expect(status.result == expected)
  }

  @Test func `what the server says of it is decoded, and bounded`() {
    var status = RPCStatus()
    Array("grpc-message: no%20such%20model \u{1B}[31m %E2%82%AC %zz %\r\n".utf8)
      .withUnsafeBytes { status.read($0) }
    #expect(status.message == "no such model  [31m € %zz %")
    Array(("grpc-message: " + String(repeating: "x", count: 10_000)).utf8)
      .withUnsafeBytes { status.read($0) }
    #expect(status.message.utf8.count == RPCStatus.messageMax)
  }
}
