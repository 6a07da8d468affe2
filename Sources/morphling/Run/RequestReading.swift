import CustomResources
import Foundation
import StressTest

/// Puts the options on what requests carry, and over what they go, into a target.
struct RequestReading {
  private let options: RequestOptions

  init(_ options: RequestOptions) { self.options = options }

  func read(into target: inout HTTPTarget, _ problems: inout [Problem]) throws {
    target.version = options.version ?? .http1
    target.security = SecureFiles(
      authorities: options.caFile, certificate: options.certFile, key: options.keyFile)
    if options.keyFile != nil, options.certFile == nil {
      problems.append(problem("--key-file", "given without --cert-file", "give both"))
    }
    switch (options.bearerTokenVariable, options.bearerTokenFile) {
    case (.some, .some):
      problems.append(
        problem("--bearer-token-file", "given with --bearer-token-variable", "give one of them"))
    case (let name?, nil): target.bearer = .variable(name)
    case (nil, let path?): target.bearer = .file(path)
    case (nil, nil): break
    }
    try readContent(into: &target, &problems)
  }

  private func readContent(into target: inout HTTPTarget, _ problems: inout [Problem]) throws {
    let hasBody = !target.content.isEmpty
    guard options.bodyTemplate != nil || options.bodyCorpus != nil else { return }
    guard !hasBody, options.bodyTemplate == nil || options.bodyCorpus == nil else {
      problems.append(
        problem(
          options.bodyTemplate == nil ? "--body-corpus" : "--body-template", "beside another body",
          "give one of --body, --body-template and --body-corpus"))
      return
    }
    target.method = "POST"
    if !target.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      target.headers.append(.init("Content-Type", "application/json"))
    }
    if let template = options.bodyTemplate {
      let text = String(decoding: try StressOptions.bytes(of: template), as: UTF8.self)
      do throws(BodyTemplateError) {
        target.content = .template(try BodyTemplate(text))
      } catch {
        problems.append(problem("--body-template", "\"\(error.found)\"", error.needed + " needed"))
      }
    }
    if let file = options.bodyCorpus {
      readCorpus(file, try RunInputs.contents(file), &target, &problems)
    }
  }

  private func readCorpus(
    _ file: String, _ contents: Data, _ target: inout HTTPTarget, _ problems: inout [Problem]
  ) {
    var bodies: [[UInt8]] = []
    for (index, line) in contents.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated() where line.contains(where: { $0 > 0x20 })
    {
      guard (try? JSONSerialization.jsonObject(with: line, options: .fragmentsAllowed)) != nil
      else {
        problems.append(
          problem("--body-corpus", "\(file): line \(index + 1) is no JSON", "give JSON lines"))
        return
      }
      bodies.append(Array(line))
    }
    if bodies.isEmpty {
      problems.append(problem("--body-corpus", "\(file): empty", "give a body on each line"))
    }
    target.content = .corpus(bodies)
  }

  private func problem(_ place: String, _ found: String, _ needed: String) -> Problem {
    Problem(.error, at: place, found: found, needed: needed)
  }
}

extension TokenSource {
  /// The header that carries the token, which is in no message.
  func header(variables: [String: String]) throws -> HTTPTarget.Header {
    let (place, token): (String, String?) =
      switch self {
      case .variable(let name): ("$\(name)", variables[name])
      case .file(let path):
        (path, String(decoding: try RunInputs.contents(path), as: UTF8.self))
      }
    let header = HTTPTarget.Header(
      "Authorization", "Bearer " + (token ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
    guard let token, !token.isEmpty, header.isOneLine, header.value != "Bearer " else {
      throw Failure(
        .wrongInput, "error: \(place): no bearer token there; a text on one line is needed")
    }
    return header
  }
}
