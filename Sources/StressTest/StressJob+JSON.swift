import Foundation

extension StressJob {
  /// The job as JSON on one line: for a file, an argument or an environment variable.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Reads a job; members that are left out have their defaults, unknown ones are refused.
  package init(json text: String) throws(StressJobError) {
    do {
      self = try JSONDecoder().decode(StressJob.self, from: Data(text.utf8))
    } catch let error as DecodingError {
      throw StressJobError(error)
    } catch {
      throw StressJobError(
        .dataCorrupted(.init(codingPath: [], debugDescription: "\(error)")))
    }
  }
}

extension HTTPTarget: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case url, method, headers, body
    case bodyBase64 = "body_base64"
    case requestProtocol = "protocol"
    case expect
  }

  /// What decides whether an answer is right, unless `expect` does.
  private enum RequestProtocol: String, Codable { case http, oip }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(url, forKey: .url)
    try container.encode(method, forKey: .method)
    if !headers.isEmpty { try container.encode(headers, forKey: .headers) }
    if let text = String(validating: body, as: UTF8.self) {
      if !text.isEmpty { try container.encode(text, forKey: .body) }
    } else {
      try container.encode(Data(body), forKey: .bodyBase64)
    }
    switch expectation {
    case .status: break
    case .openInference: try container.encode(RequestProtocol.oip, forKey: .requestProtocol)
    case .contains(let text): try container.encode(text, forKey: .expect)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: Key.self)
    let text = try container.decodeIfPresent(String.self, forKey: .body)
    let data = try container.decodeIfPresent(Data.self, forKey: .bodyBase64)
    let body = text.map { Array($0.utf8) } ?? data.map(Array.init) ?? []
    let requestProtocol =
      try container.decodeIfPresent(RequestProtocol.self, forKey: .requestProtocol) ?? .http
    let expected = try container.decodeIfPresent(String.self, forKey: .expect)
    let method =
      try container.decodeIfPresent(String.self, forKey: .method) ?? (body.isEmpty ? "GET" : "POST")
    guard Self.isMethod(method) else {
      throw DecodingError.dataCorruptedError(
        forKey: .method, in: container, debugDescription: "\"\(method)\" is no method, like POST")
    }
    let headers = try container.decodeIfPresent([Header].self, forKey: .headers) ?? []
    guard headers.allSatisfy(\.isOneLine) else {
      throw DecodingError.dataCorruptedError(
        forKey: .headers, in: container,
        debugDescription: "a name is empty, or something isn't on one line")
    }
    self.init(
      url: try container.decode(String.self, forKey: .url),
      method: method, headers: headers, body: body,
      expectation: expected.map { .contains($0) }
        ?? (requestProtocol == .oip ? .openInference : .status))
  }
}
