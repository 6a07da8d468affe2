/// A request to the API server, as HTTP will carry it.
package struct APIRequest: Hashable, Sendable {
  package enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  package var method: Method
  /// Escaped, from the server's root.
  package var path: String
  package var query: [Parameter] = []
  package var contentType = "application/json"
  package var body: [UInt8]
  /// What is to be done, for messages: `get pods demo/web`.
  package var operation: String
  /// Whether doing it twice is as good as once.
  package var isIdempotent: Bool
  /// Longer than this the answer isn't waited for; nil for the connection's own limit.
  package var timeout: Duration?

  package struct Parameter: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    method: Method, path: String, body: [UInt8] = [], operation: String, isIdempotent: Bool,
    timeout: Duration? = nil
  ) {
    self.method = method
    self.path = path
    self.body = body
    self.operation = operation
    self.isIdempotent = isIdempotent
    self.timeout = timeout
  }

  /// Path and query.
  package var target: String {
    let query = query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
    return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
  }

  /// All but the unreserved characters of RFC 3986 as `%XX`.
  static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}

/// An answer of the API server, whole.
package struct APIResponse: Hashable, Sendable {
  package let status: Int
  /// From the header of that name.
  package let retryAfter: Duration?
  package let body: [UInt8]

  package init(status: Int, retryAfter: Duration? = nil, body: [UInt8]) {
    self.status = status
    self.retryAfter = retryAfter
    self.body = body
  }

  package var isSuccess: Bool { (200..<300).contains(status) }
}

/// An answer of the API server that goes on: its pieces are asked for one by one, and whoever
/// doesn't ask holds the server back. Letting go of it closes the connection.
package struct APIResponseStream: Sendable {
  package let status: Int
  package let retryAfter: Duration?
  /// The next piece; nil at the end. Throws `APIFailure` when the connection breaks and
  /// `CancellationError` when the task is cancelled.
  package let next: @Sendable () async throws -> [UInt8]?

  package init(
    status: Int, retryAfter: Duration? = nil,
    next: @escaping @Sendable () async throws -> [UInt8]?
  ) {
    self.status = status
    self.retryAfter = retryAfter
    self.next = next
  }
}

/// The way to an API server. Any HTTP status is an answer; the closures throw `APIFailure` with a
/// `transport` reason where there is none, and `CancellationError`.
package struct Connection: Sendable {
  package var send: @Sendable (APIRequest) async throws -> APIResponse
  package var open: @Sendable (APIRequest) async throws -> APIResponseStream

  package init(
    send: @escaping @Sendable (APIRequest) async throws -> APIResponse,
    open: @escaping @Sendable (APIRequest) async throws -> APIResponseStream
  ) {
    self.send = send
    self.open = open
  }
}
