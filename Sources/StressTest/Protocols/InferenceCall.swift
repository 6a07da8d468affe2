import Foundation

/// A call of the Open Inference Protocol over gRPC, as it is told from the address and the body
/// that the same request has over REST.
package struct InferenceCall: Hashable, Sendable {
  /// Of `inference.GRPCInferenceService`.
  package enum Method: String, Hashable, Sendable {
    case infer = "ModelInfer"
    case ready = "ModelReady"
  }

  package let model: String
  /// Empty for the one that the server chooses.
  package let version: String
  private let origin: Substring

  /// - Parameter url: such as `http://host:8001/v2/models/NAME/infer`, or
  ///   `…/v2/models/NAME/versions/VERSION/infer`.
  package init(url: String) throws(InferenceCallError) {
    let wrong = InferenceCallError(
      found: "the path of \(url) names no model",
      needed: "a path like /v2/models/NAME/infer is needed")
    guard let scheme = url.firstRange(of: "://"),
      let slash = url[scheme.upperBound...].firstIndex(of: "/")
    else { throw wrong }
    origin = Substring(url[..<slash])
    let path = url[slash...].prefix { $0 != "?" && $0 != "#" }
    let names = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    guard names.starts(with: ["v2", "models"]), names.last == "infer",
      names.count == 4 || (names.count == 6 && names[3] == "versions")
    else { throw wrong }
    model = names[2]
    version = names.count == 6 ? names[4] : ""
  }

  /// Where the method is called.
  package func url(of method: Method) -> String {
    "\(origin)/inference.GRPCInferenceService/\(method.rawValue)"
  }

  /// The body of a call, with its frame.
  ///
  /// - Parameter json: the request over REST; of no concern to `ModelReady`.
  package func body(
    of method: Method, json: [UInt8]
  ) throws(InferenceCallError) -> [UInt8] {
    switch method {
    case .infer:
      return RPCFrames.framed(
        try InferenceRequest.message(json: json, model: model, version: version))
    case .ready:
      var message = ProtobufWriter()
      message.add(1, text: model)
      if !version.isEmpty { message.add(2, text: version) }
      return RPCFrames.framed(message.bytes)
    }
  }

  /// What a complete answer means.
  package static func result(of message: [UInt8], to method: Method) -> RequestResult {
    switch method {
    case .infer: return InferenceReply.isRight(message) ? .success : .wrongContent
    case .ready:
      var reader = ProtobufReader(message[...])
      var isReady = false
      while let field = reader.next() {
        if field.number == 1, case .varint(let value) = field.value { isReady = value != 0 }
      }
      return reader.isMalformed ? .malformed : isReady ? .success : .rpcUnavailable
    }
  }
}

/// What keeps a request from going over gRPC.
package struct InferenceCallError: Error, Hashable, CustomStringConvertible {
  package let found: String
  package let needed: String
  package var description: String { "\(found); \(needed)" }
}
