extension HTTPTarget {
  /// The method that is called; nil where it is no gRPC.
  package var call: InferenceCall.Method? {
    if case .inferenceCall(let method) = expectation { method } else { nil }
  }

  /// The target as it goes over the wire. That is the same but for a call over gRPC, which is
  /// written as the request over REST that it stands for.
  ///
  /// - Throws: where that names no model, or a body isn't such a request.
  package func onWire() throws(InferenceCallError) -> HTTPTarget {
    guard let method = call else { return self }
    let call = try InferenceCall(url: url)
    var target = self
    target.url = call.url(of: method)
    target.method = "POST"
    target.version = .http2
    target.headers.removeAll { ["content-type", "te"].contains($0.name.lowercased()) }
    target.headers += [.init("Content-Type", "application/grpc"), .init("TE", "trailers")]
    switch (method, content) {
    case (.ready, _): target.content = .fixed(try call.body(of: method, json: []))
    case (_, .fixed(let body)): target.content = .fixed(try call.body(of: method, json: body))
    case (_, .corpus(let bodies)):
      var converted: [[UInt8]] = []
      for body in bodies { converted.append(try call.body(of: method, json: body)) }
      target.content = .corpus(converted)
    case (_, .template(let template)):
      _ = try call.body(of: method, json: template.body(of: 0, seed: 0))
      target.content = .call(template, call)
    case (_, .call): break
    }
    return target
  }

  /// What asks whether the server is ready for the target's requests.
  package var readinessRequest: HTTPTarget {
    guard call != nil else { return self }
    var request = self
    request.expectation = .inferenceCall(.ready)
    return request
  }
}
