import Foundation

extension HTTPTarget: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case url, method, headers, body
    case bodyBase64 = "body_base64"
    case bodyTemplate = "body_template"
    case bodies
    case requestProtocol = "protocol"
    case expect
    case version = "http_version"
    case authorities = "ca_file"
    case certificate = "cert_file"
    case key = "key_file"
    case tokenVariable = "bearer_token_variable"
    case tokenFile = "bearer_token_file"
  }

  /// What decides whether an answer is right, unless `expect` does.
  private enum RequestProtocol: String, Codable {
    case http, oip, tfserving, openai
    case oipOverRPC = "oip-grpc"

    var expectation: ResponseExpectation {
      switch self {
      case .http: .status
      case .oip: .openInference
      case .oipOverRPC: .inferenceCall(.infer)
      case .tfserving: .predictions
      case .openai: .completions
      }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(url, forKey: .url)
    try container.encode(method, forKey: .method)
    if !headers.isEmpty { try container.encode(headers, forKey: .headers) }
    switch content {
    case .fixed(let body):
      if let text = String(validating: body, as: UTF8.self) {
        if !text.isEmpty { try container.encode(text, forKey: .body) }
      } else {
        try container.encode(Data(body), forKey: .bodyBase64)
      }
    case .template(let template), .call(let template, _):
      try container.encode(template.text, forKey: .bodyTemplate)
    case .corpus(let bodies):
      try container.encode(bodies.map { String(decoding: $0, as: UTF8.self) }, forKey: .bodies)
    }
    switch expectation {
    case .status: break
    case .openInference: try container.encode(RequestProtocol.oip, forKey: .requestProtocol)
    case .inferenceCall:
      try container.encode(RequestProtocol.oipOverRPC, forKey: .requestProtocol)
    case .predictions:
      try container.encode(RequestProtocol.tfserving, forKey: .requestProtocol)
    case .completions: try container.encode(RequestProtocol.openai, forKey: .requestProtocol)
    case .contains(let text): try container.encode(text, forKey: .expect)
    }
    if version != .http1 { try container.encode(version, forKey: .version) }
    try container.encodeIfPresent(security.authorities, forKey: .authorities)
    try container.encodeIfPresent(security.certificate, forKey: .certificate)
    try container.encodeIfPresent(security.key, forKey: .key)
    switch bearer {
    case .variable(let name): try container.encode(name, forKey: .tokenVariable)
    case .file(let path): try container.encode(path, forKey: .tokenFile)
    case nil: break
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: Key.self)
    let content = try Self.content(in: container)
    let requestProtocol =
      try container.decodeIfPresent(RequestProtocol.self, forKey: .requestProtocol) ?? .http
    let expected = try container.decodeIfPresent(String.self, forKey: .expect)
    let method =
      try container.decodeIfPresent(String.self, forKey: .method)
      ?? (content.isEmpty ? "GET" : "POST")
    guard Self.isMethod(method) else {
      throw DecodingError.dataCorruptedError(
        forKey: .method, in: container, debugDescription: "\"\(method)\" is no method, like POST")
    }
    guard expected == nil || ![.oipOverRPC, .openai].contains(requestProtocol) else {
      throw DecodingError.dataCorruptedError(
        forKey: .expect, in: container,
        debugDescription: "beside protocol \(requestProtocol.rawValue); give one of them")
    }
    let headers = try container.decodeIfPresent([Header].self, forKey: .headers) ?? []
    guard headers.allSatisfy(\.isOneLine) else {
      throw DecodingError.dataCorruptedError(
        forKey: .headers, in: container,
        debugDescription: "a name is empty, or something isn't on one line")
    }
    self.init(
      url: try container.decode(String.self, forKey: .url), method: method, headers: headers,
      expectation: expected.map { .contains($0) }
        ?? requestProtocol.expectation)
    self.content = content
    if call != nil {
      do throws(InferenceCallError) {
        _ = try onWire()
      } catch {
        throw DecodingError.dataCorruptedError(
          forKey: .requestProtocol, in: container, debugDescription: "oip-grpc: \(error)")
      }
    }
    version = try container.decodeIfPresent(HTTPVersion.self, forKey: .version) ?? .http1
    security = SecureFiles(
      authorities: try container.decodeIfPresent(String.self, forKey: .authorities),
      certificate: try container.decodeIfPresent(String.self, forKey: .certificate),
      key: try container.decodeIfPresent(String.self, forKey: .key))
    bearer =
      try container.decodeIfPresent(String.self, forKey: .tokenVariable).map { .variable($0) }
      ?? container.decodeIfPresent(String.self, forKey: .tokenFile).map { .file($0) }
  }

  private static func content(
    in container: KeyedDecodingContainer<Key>
  ) throws -> RequestContent {
    if let bodies = try container.decodeIfPresent([String].self, forKey: .bodies) {
      return .corpus(bodies.map { Array($0.utf8) })
    }
    if let text = try container.decodeIfPresent(String.self, forKey: .bodyTemplate) {
      do throws(BodyTemplateError) {
        return .template(try BodyTemplate(text))
      } catch {
        throw DecodingError.dataCorruptedError(
          forKey: .bodyTemplate, in: container, debugDescription: "\(error)")
      }
    }
    let text = try container.decodeIfPresent(String.self, forKey: .body)
    let data = try container.decodeIfPresent(Data.self, forKey: .bodyBase64)
    return .fixed(text.map { Array($0.utf8) } ?? data.map(Array.init) ?? [])
  }
}
