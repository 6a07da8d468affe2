/// Why the API server did not do what it was asked.
package struct APIFailure: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case badRequest
    /// Who we are isn't known.
    case unauthorized
    /// We may not.
    case forbidden
    case notFound
    case methodNotAllowed
    case alreadyExists
    /// The object has changed since it was read, or a precondition or another field manager stands
    /// against it.
    case conflict
    /// The resource version or continue token is too old: list again.
    case expired
    /// The object breaks its schema or the kind's rules.
    case invalid([Cause])
    case unsupportedMediaType
    case tooManyRequests
    /// The server gave up waiting.
    case timeout
    /// Any other failure of the server, with its HTTP status.
    case serverError(Int)
    /// Any other refusal, with its HTTP status.
    case refused(Int)
    /// There was no answer.
    case transport(TransportProblem)
    /// There was an answer that isn't the API server's.
    case unreadable
  }

  /// What is wrong with one field.
  package struct Cause: Hashable, Sendable {
    /// `spec.replicas`
    package let field: String
    package let message: String

    package init(field: String, message: String) {
      self.field = field
      self.message = message
    }
  }

  package enum TransportProblem: Hashable, Sendable {
    /// No connection: nothing was sent.
    case unreachable
    /// The connection broke: the server may have done what it was asked.
    case interrupted
    case timedOut
    /// The server's certificate isn't to be trusted.
    case certificate
    /// There are no credentials to send.
    case credentials
  }

  package let reason: Reason
  /// What was to be done: `get pods demo/web`.
  package let operation: String
  /// The server's words, or those of whoever noticed.
  package let message: String
  /// How long the server wants to be left alone.
  package let retryAfter: Duration?

  package init(
    _ reason: Reason, operation: String, message: String, retryAfter: Duration? = nil
  ) {
    self.reason = reason
    self.operation = operation
    self.message = message
    self.retryAfter = retryAfter
  }
}

extension APIFailure {
  /// Whether the same request may succeed later, without any other change.
  package var isRetryable: Bool {
    switch reason {
    case .tooManyRequests, .timeout, .serverError: true
    case .transport(let problem): problem != .certificate && problem != .credentials
    case .unreadable, .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed,
      .alreadyExists, .conflict, .expired, .invalid, .unsupportedMediaType, .refused:
      false
    }
  }

  /// Whether the server says that it has not begun: any request may then be sent again.
  var wasNotProcessed: Bool {
    switch reason {
    case .tooManyRequests, .transport(.unreachable): true
    case .serverError: retryAfter != nil
    default: false
    }
  }
}

// MARK: - Reading

extension APIFailure {
  /// Reads an answer that isn't a success: a `Status`, or whatever a proxy on the way wrote.
  package init(_ response: APIResponse, operation: String) {
    let status = (try? JSONReader.decode(response.body)).flatMap { json in
      json["kind"]?.string == "Status" ? json : nil
    }
    if let status {
      self.init(
        status: status, code: response.status, operation: operation,
        retryAfter: response.retryAfter)
    } else {
      let text = String(decoding: response.body.prefix(200), as: UTF8.self)
      self.init(
        Reason(word: "", code: response.status, causes: []), operation: operation,
        message: "HTTP status \(response.status)" + (text.isEmpty ? "" : ": \(text)"),
        retryAfter: response.retryAfter)
    }
  }

  /// Reads a `Status` object.
  package init(
    status: JSONValue, code: Int? = nil, operation: String, retryAfter: Duration? = nil
  ) {
    let details = status["details"]
    let causes = (details?["causes"]?.array ?? []).map {
      Cause(field: $0["field"]?.string ?? "", message: $0["message"]?.string ?? "")
    }
    let seconds = details?["retryAfterSeconds"]?.integer
    self.init(
      Reason(
        word: status["reason"]?.string ?? "", code: status["code"]?.integer ?? code ?? 0,
        causes: causes),
      operation: operation, message: status["message"]?.string ?? "no message",
      retryAfter: retryAfter ?? seconds.map { .seconds($0) })
  }
}

extension APIFailure.Reason {
  /// The `reason` of a `Status` decides; without one that is known, the HTTP status.
  fileprivate init(word: String, code: Int, causes: [APIFailure.Cause]) {
    switch (word, code) {
    case ("AlreadyExists", _): self = .alreadyExists
    case ("Conflict", _), (_, 409): self = .conflict
    case ("Expired", _), ("Gone", _), (_, 410): self = .expired
    case ("Invalid", _), (_, 422): self = .invalid(causes)
    case ("NotFound", _), (_, 404): self = .notFound
    case ("Unauthorized", _), (_, 401): self = .unauthorized
    case ("Forbidden", _), (_, 403): self = .forbidden
    case ("BadRequest", _), (_, 400): self = .badRequest
    case ("MethodNotAllowed", _), (_, 405): self = .methodNotAllowed
    case ("UnsupportedMediaType", _), (_, 415): self = .unsupportedMediaType
    case ("TooManyRequests", _), (_, 429): self = .tooManyRequests
    case ("Timeout", _), ("ServerTimeout", _), (_, 504), (_, 408): self = .timeout
    case (_, 500...): self = .serverError(code)
    default: self = .refused(code)
    }
  }
}

// MARK: - Words

extension APIFailure: CustomStringConvertible {
  /// `get pods demo/web: pods "web" not found; an existing object is needed`
  package var description: String { "\(operation): \(message); \(need)" }

  private var need: String {
    switch reason {
    case .badRequest, .methodNotAllowed, .unsupportedMediaType, .refused:
      "a request that this server serves is needed"
    case .unauthorized: "valid credentials are needed: see the kubeconfig's user"
    case .forbidden: "a Role that allows it is needed"
    case .notFound: "an existing object of an installed kind is needed"
    case .alreadyExists: "another name is needed"
    case .conflict: "the object's newest state is needed: read it again"
    case .expired: "a new list is needed"
    case .invalid(let causes):
      causes.isEmpty
        ? "a valid object is needed"
        : "valid fields are needed: \(causes.map(\.field).joined(separator: ", "))"
    case .tooManyRequests: "fewer requests are needed: try later"
    case .timeout, .serverError: "a healthy API server is needed: try later"
    case .transport(.certificate):
      "a certificate of the cluster's authority is needed: see certificate-authority"
    case .transport(.credentials): "credentials are needed: see the kubeconfig's user"
    case .transport: "a reachable API server is needed: see the kubeconfig's server"
    case .unreadable: "an API server at that address is needed"
    }
  }
}
